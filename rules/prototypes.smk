def training_crops(wildcards):
    return shlex.quote(all_shards("<results>/crops/{split}/{shard}.parquet", "train"))


rule fit_prototypes:
    input:
        script=ancient("scripts/fit_prototypes.py"),
        crops=shards("<results>/crops/{split}/{shard}.parquet", "train"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/prototypes/centroids.parquet",
    log:
        "<logs>/prototypes/centroids.log",
    benchmark:
        "<benchmarks>/prototypes/centroids.tsv"
    priority: LABELLED_FIRST
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        mem_mb=memory_mb(1000, per_input_mb=1.5),
        runtime=minutes(60),
    params:
        crops=training_crops,
        settings=flags(CONFIG.prototypes),
        code=code_of("scripts/fit_prototypes.py"),
    shell:
        "python {input.script} --crops {params.crops} --vocabulary {input.vocabulary:q} --output {output:q}"
        " --device {resources.device} {params.settings} --code-digest {params.code} 2> {log:q}"


rule score_similarity:
    input:
        script=ancient("scripts/score_similarity.py"),
        crops="<results>/crops/{split}/{shard}.parquet",
        prototypes="<results>/prototypes/centroids.parquet",
    output:
        "<results>/prototypes/{split}/{shard}.parquet",
    log:
        "<logs>/prototypes/{split}/{shard}.log",
    benchmark:
        "<benchmarks>/prototypes/{split}/{shard}.tsv"
    priority: labelled_first
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        code=code_of("scripts/score_similarity.py"),
    shell:
        "python {input.script} --crops {input.crops:q} --prototypes {input.prototypes:q} --output {output:q}"
        " --code-digest {params.code} 2> {log:q}"


rule prototypes:
    input:
        tables_of_run("prototypes"),
    localrule: True

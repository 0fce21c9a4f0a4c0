rule prototypes:
    input:
        script=ancient("scripts/fit_prototypes.py"),
        crops=shards("<results>/crops/{split}/{shard}.parquet", "train"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/prototypes/centroids.parquet",
    log:
        text="<logs>/prototypes/centroids.log",
        usage="<benchmarks>/prototypes/centroids.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        mem_mb=4000,
        runtime=60,
    params:
        settings=flags(CONFIG.prototypes),
        code=code_digest("scripts/fit_prototypes.py"),
    shell:
        "python {input.script} --crops {input.crops} --vocabulary {input.vocabulary} --output {output}"
        " --device {resources.device}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"


rule similarities:
    input:
        script=ancient("scripts/score_similarity.py"),
        crops="<results>/crops/{split}/{shard}.parquet",
        prototypes="<results>/prototypes/centroids.parquet",
    output:
        "<results>/prototypes/{split}/{shard}.parquet",
    log:
        text="<logs>/prototypes/{split}/{shard}.log",
        usage="<benchmarks>/prototypes/{split}/{shard}.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest("scripts/score_similarity.py"),
    shell:
        "python {input.script} --crops {input.crops} --prototypes {input.prototypes} --output {output}"
        " --code-digest {params.code} --usage {log.usage} 2> {log.text}"

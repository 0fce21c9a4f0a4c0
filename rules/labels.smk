rule labels:
    input:
        script=ancient("scripts/select_labels.py"),
        masks="<results>/masks/{split}/{shard}.parquet",
        crops="<results>/crops/{split}/{shard}.parquet",
        similarities="<results>/prototypes/{split}/{shard}.parquet",
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/labels/{labels}/{split}/{shard}.parquet",
    log:
        text="<logs>/labels/{labels}/{split}/{shard}.log",
        usage="<benchmarks>/labels/{labels}/{split}/{shard}.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        settings=labels_settings,
        code=code_digest("scripts/select_labels.py"),
    shell:
        "python {input.script} --masks {input.masks} --crops {input.crops}"
        " --similarities {input.similarities} --vocabulary {input.vocabulary} --output {output}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"


rule labels_json:
    input:
        script=ancient("scripts/merge_labels.py"),
        labels=split_tables("labels"),
        masks=split_tables("masks"),
        frames=split_tables("frames"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/labels/{labels}/{split}.json",
    log:
        text="<logs>/labels/{labels}/{split}.log",
        usage="<benchmarks>/labels/{labels}/{split}.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_digest("scripts/merge_labels.py"),
    shell:
        "python {input.script} --labels {input.labels} --masks {input.masks} --frames {input.frames}"
        " --vocabulary {input.vocabulary} --output {output} --usage {log.usage} 2> {log.text}"

def labels_settings(wildcards):
    return flags(CONFIG.labels.variants[wildcards.labels])


def labels_tables(wildcards):
    return shards(
        "<results>/labels/{labels}/{split}/{shard}.parquet", wildcards.split, labels=wildcards.labels
    )


def corrections(wildcards):
    """The corrections by hand, looked over, or nothing."""
    return [f"{RESULTS}/labels/corrections.parquet"] if CONFIG.labels.corrections else []


def corrections_flag(wildcards):
    return shlex.join(["--corrections", *corrections(wildcards)]) if corrections(wildcards) else ""


def corrected_crops(wildcards):
    """The crops of all splits that are labelled, in few words."""
    splits = dict.fromkeys(split for split, _ in labelled_splits())
    return shlex.join(all_shards("<results>/crops/{split}/{shard}.parquet", split) for split in splits)


rule check_corrections:
    input:
        script=ancient("scripts/check_corrections.py"),
        corrections=CONFIG.labels.corrections or [],
        crops=tables_of_run("crops"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/labels/corrections.parquet",
    log:
        "<logs>/labels/corrections.log",
    benchmark:
        "<benchmarks>/labels/corrections.tsv"
    localrule: True
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        crops=corrected_crops,
        code=code_of("scripts/check_corrections.py"),
    shell:
        "python {input.script} --corrections {input.corrections:q} --crops {params.crops}"
        " --vocabulary {input.vocabulary:q} --output {output:q} --code-digest {params.code} 2> {log:q}"


rule select_labels:
    input:
        script=ancient("scripts/select_labels.py"),
        masks="<results>/masks/{split}/{shard}.parquet",
        crops="<results>/crops/{split}/{shard}.parquet",
        similarities="<results>/prototypes/{split}/{shard}.parquet",
        corrections=corrections,
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/labels/{labels}/{split}/{shard}.parquet",
    log:
        "<logs>/labels/{labels}/{split}/{shard}.log",
    benchmark:
        "<benchmarks>/labels/{labels}/{split}/{shard}.tsv"
    priority: labelled_first
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000, per_input_mb=4),
        runtime=minutes(30),
    params:
        settings=labels_settings,
        corrections=corrections_flag,
        code=code_of("scripts/select_labels.py"),
    shell:
        "python {input.script} --masks {input.masks:q} --crops {input.crops:q}"
        " --similarities {input.similarities:q} --vocabulary {input.vocabulary:q} --output {output:q}"
        " {params.corrections} {params.settings} --code-digest {params.code} 2> {log:q}"


rule gather_samples:
    input:
        script=ancient("scripts/gather_samples.py"),
        labels=labels_tables,
        masks=shard_tables("masks"),
        frames=shard_tables("frames"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/labels/{labels}/{split}.arrow",
    log:
        "<logs>/labels/{labels}/{split}.log",
    benchmark:
        "<benchmarks>/labels/{labels}/{split}.tsv"
    priority: LABELLED_FIRST
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        labels=split_flag("<results>/labels/{labels}/{split}/{shard}.parquet"),
        masks=split_flag("<results>/masks/{split}/{shard}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        code=code_of("scripts/gather_samples.py"),
    shell:
        "python {input.script} --labels {params.labels} --masks {params.masks} --frames {params.frames}"
        " --vocabulary {input.vocabulary:q} --output {output:q} --code-digest {params.code} 2> {log:q}"


def labels_of_run():
    """Tables of all labels that the run needs, and the samples of those that are trained on."""
    pattern = "<results>/labels/{labels}/{split}/{shard}.parquet"
    tables = [path for split, labels in labelled_splits() for path in shards(pattern, split, labels=labels)]
    trained = dict.fromkeys(experiment.labels for experiment in EXPERIMENTS if CONFIG.trains(experiment))
    return tables + [f"{RESULTS}/labels/{labels}/train.arrow" for labels in trained]


rule labels:
    input:
        labels_of_run(),
    localrule: True

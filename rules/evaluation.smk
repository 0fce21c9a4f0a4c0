rule evaluate_tracks:
    input:
        script=ancient("scripts/evaluate_tracks.py"),
        truth=optional_truth,
        tracks=track_tables,
        frames=shard_tables("frames"),
    output:
        f"<results>/evaluation/{TRACKED}.json",
    log:
        f"<logs>/evaluation/{TRACKED}.log",
    benchmark:
        f"<benchmarks>/evaluation/{TRACKED}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(2000, per_input_mb=4),
        runtime=minutes(60),
    params:
        tracks=split_flag(f"<results>/tracks/{TRACKED}/{{shard}}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        settings=flags(CONFIG.evaluation),
        code=code_of("scripts/evaluate_tracks.py"),
    shell:
        "python {input.script} --ground-truth {input.truth:q} --predictions {params.tracks}"
        " --frames {params.frames} --output {output:q} {params.settings} > {log:q} 2>&1"


rule evaluate_labels:
    input:
        script=ancient("scripts/evaluate_labels.py"),
        labels=labels_tables,
        masks=shard_tables("masks"),
        truth=optional_truth,
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/evaluation/{labels}-labels/{split}.json",
    log:
        "<logs>/evaluation/{labels}-labels/{split}.log",
    benchmark:
        "<benchmarks>/evaluation/{labels}-labels/{split}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(2000, per_input_mb=4),
        runtime=minutes(60),
    params:
        labels=split_flag("<results>/labels/{labels}/{split}/{shard}.parquet"),
        masks=split_flag("<results>/masks/{split}/{shard}.parquet"),
        code=code_of("scripts/evaluate_labels.py"),
    shell:
        "python {input.script} --labels {params.labels} --masks {params.masks} --truth {input.truth:q}"
        " --vocabulary {input.vocabulary:q} --output {output:q} > {log:q} 2>&1"


def figures_of_run():
    """Experiment -> its figures; none where the tracked split has no truth."""
    names = CONFIG.run if has_truth(CONFIG.test_split) else []
    return {name: experiment_path(name, f"<results>/evaluation/{TRACKED}.json") for name in names}


def label_figures(labels):
    """The figures of a labels variant, or an empty list where the labelled split has no truth."""
    return [f"{RESULTS}/evaluation/{labels}-labels/train.json"] if labels and has_truth("train") else []


rule evaluation:
    input:
        list(figures_of_run().values()),
        label_figures(EXPERIMENTS[0].labels),
    localrule: True

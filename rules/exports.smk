def truth_flag(wildcards):
    """The truth, whose numbers the videos get, or nothing."""
    return shlex.join(["--truth", *optional_truth(wildcards)]) if optional_truth(wildcards) else ""


rule export_labels:
    input:
        script=ancient("scripts/export_results.py"),
        labels=labels_tables,
        masks=shard_tables("masks"),
        frames=shard_tables("frames"),
        truth=optional_truth,
        plan=ancient("<results>/plan/{split}.parquet"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/exports/{format}/labels/{labels}/{split}.json",
    log:
        "<logs>/exports/{format}/labels/{labels}/{split}.log",
    benchmark:
        "<benchmarks>/exports/{format}/labels/{labels}/{split}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000, per_input_mb=60 / CONFIG.shards),
        runtime=minutes(60),
    params:
        labels=split_flag("<results>/labels/{labels}/{split}/{shard}.parquet"),
        masks=split_flag("<results>/masks/{split}/{shard}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        truth=truth_flag,
        code=code_of("scripts/export_results.py"),
    shell:
        "python {input.script} --format {wildcards.format} --of labels --labels {params.labels}"
        " --masks {params.masks} --frames {params.frames} --vocabulary {input.vocabulary:q} {params.truth}"
        " --plan {input.plan:q}"
        " --output {output:q} 2> {log:q}"


rule export_tracks:
    input:
        script=ancient("scripts/export_results.py"),
        tracks=track_tables,
        frames=shard_tables("frames"),
        truth=optional_truth,
        plan=ancient("<results>/plan/{split}.parquet"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        f"<results>/exports/{{format}}/tracks/{TRACKED}.json",
    log:
        f"<logs>/exports/{{format}}/tracks/{TRACKED}.log",
    benchmark:
        f"<benchmarks>/exports/{{format}}/tracks/{TRACKED}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000, per_input_mb=60 / CONFIG.shards),
        runtime=minutes(60),
    params:
        tracks=split_flag(f"<results>/tracks/{TRACKED}/{{shard}}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        truth=truth_flag,
        code=code_of("scripts/export_results.py"),
    shell:
        "python {input.script} --format {wildcards.format} --of tracks --tracks {params.tracks}"
        " --frames {params.frames} --vocabulary {input.vocabulary:q} {params.truth}"
        " --plan {input.plan:q}"
        " --output {output:q} 2> {log:q}"


def exports_of_run(of):
    """The files of each format, of the labels or the tracks of every experiment of the run."""
    patterns = {
        "labels": "<results>/exports/{format}/labels/{labels}/train.json",
        "tracks": f"<results>/exports/{{format}}/tracks/{TRACKED}.json",
    }
    names = [name for name in CONFIG.run if of == "tracks" or CONFIG.trains(CONFIG.experiments[name])]
    formats = CONFIG.exports.formats if of in CONFIG.exports.of else ()
    return list(
        dict.fromkeys(
            experiment_path(name, patterns[of].replace("{format}", format))
            for format in formats
            for name in names
        )
    )


rule exports:
    input:
        exports_of_run("labels"),
        exports_of_run("tracks"),
    localrule: True

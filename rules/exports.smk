from typing import get_args

from uvis_core.config.exports import BY_SHARD, SINGLE_FILES, WITH_IMAGES, ExportFormat, holds

FOLDERS = [name for name in get_args(ExportFormat) if name not in SINGLE_FILES | BY_SHARD]


def export_settings(wildcards):
    """What a format's result depends on; what becomes of the images matters to some alone."""
    others = [] if wildcards.format in WITH_IMAGES else ["copy_images"]
    return flags(CONFIG.exports, leave_out=["formats", "of", *others])


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
    wildcard_constraints:
        format="|".join(SINGLE_FILES),
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000, per_input_mb=60 / min(map(CONFIG.shards.of, SPLITS))),
        runtime=minutes(60),
    params:
        labels=split_flag("<results>/labels/{labels}/{split}/{shard}.parquet"),
        masks=split_flag("<results>/masks/{split}/{shard}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        truth=truth_flag,
        settings=export_settings,
        code=code_of("scripts/export_results.py"),
    shell:
        "python {input.script} --format {wildcards.format} --of labels --labels {params.labels}"
        " --masks {params.masks} --frames {params.frames} --vocabulary {input.vocabulary:q} {params.truth}"
        " --plan {input.plan:q} {params.settings}"
        " --output {output:q} 2> {log:q}"


use rule export_labels as export_labels_folder with:
    output:
        "<results>/exports/{format}/labels/{labels}/{split}/index.json",
    log:
        "<logs>/exports/{format}/labels/{labels}/{split}/index.log",
    benchmark:
        "<benchmarks>/exports/{format}/labels/{labels}/{split}/index.tsv"
    wildcard_constraints:
        format="|".join(FOLDERS),


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
    wildcard_constraints:
        format="|".join(SINGLE_FILES),
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000, per_input_mb=60 / min(map(CONFIG.shards.of, SPLITS))),
        runtime=minutes(60),
    params:
        tracks=split_flag(f"<results>/tracks/{TRACKED}/{{shard}}.parquet"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        truth=truth_flag,
        settings=export_settings,
        code=code_of("scripts/export_results.py"),
    shell:
        "python {input.script} --format {wildcards.format} --of tracks --tracks {params.tracks}"
        " --frames {params.frames} --vocabulary {input.vocabulary:q} {params.truth}"
        " --plan {input.plan:q} {params.settings}"
        " --output {output:q} 2> {log:q}"


use rule export_tracks as export_tracks_folder with:
    output:
        f"<results>/exports/{{format}}/tracks/{TRACKED}/index.json",
    log:
        f"<logs>/exports/{{format}}/tracks/{TRACKED}/index.log",
    benchmark:
        f"<benchmarks>/exports/{{format}}/tracks/{TRACKED}/index.tsv"
    wildcard_constraints:
        format="|".join(FOLDERS),


use rule export_tracks as export_tracks_by_shard with:
    input:
        script=ancient("scripts/export_results.py"),
        tracks=f"<results>/tracks/{TRACKED}/{{shard}}.parquet",
        frames="<results>/frames/{split}/{shard}.parquet",
        truth=[],
        plan=ancient("<results>/plan/{split}.parquet"),
        vocabulary=CONFIG.vocabulary_file,
    output:
        f"<results>/exports/{{format}}/tracks/{TRACKED}/{{shard}}/index.json",
    log:
        f"<logs>/exports/{{format}}/tracks/{TRACKED}/{{shard}}.log",
    benchmark:
        f"<benchmarks>/exports/{{format}}/tracks/{TRACKED}/{{shard}}.tsv"
    wildcard_constraints:
        format="|".join(BY_SHARD),
    params:
        tracks=lambda wildcards, input: shlex.quote(input.tracks),
        frames=lambda wildcards, input: shlex.quote(input.frames),
        truth="",
        settings=export_settings,
        code=code_of("scripts/export_results.py"),


def export_file(place, format):
    """The one file of a format, or the index of its folder, or of its folder of each shard."""
    if format in SINGLE_FILES:
        return f"{place}.json"
    return f"{place}/{{shard}}/index.json" if format in BY_SHARD else f"{place}/index.json"


def exports_of_run(of):
    """The file or the index of each format, of the labels or the tracks of every experiment of the run."""
    patterns = {
        "labels": "<results>/exports/{format}/labels/{labels}/train",
        "tracks": f"<results>/exports/{{format}}/tracks/{TRACKED}",
    }
    names = [name for name in CONFIG.run if of == "tracks" or CONFIG.trains(CONFIG.experiments[name])]
    formats = [name for name in CONFIG.exports.formats if holds(name, of)] if of in CONFIG.exports.of else []
    written = {
        experiment_path(name, export_file(patterns[of].replace("{format}", format), format)): None
        for format in formats
        for name in names
    }
    # Without the name of a shard, a path stands for itself.
    return [path for pattern in written for path in dict.fromkeys(shards(pattern, CONFIG.test_split))]


rule exports:
    input:
        exports_of_run("labels"),
        exports_of_run("tracks"),
    localrule: True

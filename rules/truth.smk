from uvis_core.io.annotations.kinds import is_cvat


def has_truth(split):
    """Whether a split comes with annotations; no stage before evaluation reads them, pictures excepted."""
    if split not in SPLITS:
        return False
    source = CONFIG.source(split)
    return source.kind == "toy" or source.truth is not None


def truth_tables(split):
    """The truth of a split, or an empty list."""
    return [f"{RESULTS}/truth/{split}.parquet"] if has_truth(split) else []


def optional_truth(wildcards):
    return truth_tables(wildcards.split)


def annotations(wildcards):
    """The annotations of a split in the form that they came in."""
    source = CONFIG.source(wildcards.split)
    return f"{RESULTS}/toy/{wildcards.split}.json" if source.kind == "toy" else source.truth


def truth_vocabulary(wildcards):
    """The classes, where the annotations are CVAT's, which has their names alone."""
    return CONFIG.vocabulary_file if is_cvat(annotations(wildcards)) else []


def truth_vocabulary_flag(wildcards):
    vocabulary = truth_vocabulary(wildcards)
    return shlex.join(["--vocabulary", vocabulary]) if vocabulary else ""


def planned_videos(wildcards):
    """Digest of a split's video names and files: other videos, another truth."""
    return settings_digest({name: shard.digest for name, shard in PLAN[wildcards.split].items()})


rule read_truth:
    input:
        script=ancient("scripts/read_truth.py"),
        annotations=annotations,
        vocabulary=truth_vocabulary,
        plan=ancient("<results>/plan/{split}.parquet"),
    output:
        "<results>/truth/{split}.parquet",
    log:
        "<logs>/truth/{split}.log",
    benchmark:
        "<benchmarks>/truth/{split}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(2000, per_input_mb=10),
        runtime=minutes(60),
    params:
        videos=planned_videos,
        vocabulary=truth_vocabulary_flag,
        code=code_of("scripts/read_truth.py"),
    shell:
        "python {input.script} --annotations {input.annotations:q} --plan {input.plan:q} --output {output:q}"
        " {params.vocabulary} --code-digest {params.code} 2> {log:q}"


rule truth:
    input:
        [path for split in SPLITS for path in truth_tables(split)],
    localrule: True

def shard_videos(wildcards):
    """The toy videos of a shard, which the workflow itself makes; other sources' files are in the shard's digest."""
    if CONFIG.source(wildcards.split).kind != "toy":
        return []
    number = CONFIG.shards.of(wildcards.split)
    return [
        path
        for path in toy_videos(wildcards.split)
        if shard_name(shard_of(Path(path).stem, number), number) == wildcards.shard
    ]


def shard_digest(wildcards):
    """Names, sizes and times of the shard's files."""
    return PLAN[wildcards.split][wildcards.shard].digest


def shard_ledgers(wildcards):
    return shards("<results>/frames/failures/{split}/{shard}.json", wildcards.split)


rule extract_frames:
    input:
        shard_videos,
        script=ancient("scripts/extract_frames.py"),
        plan=ancient("<results>/plan/{split}.parquet"),
    output:
        table="<results>/frames/{split}/{shard}.parquet",
        failures="<results>/frames/failures/{split}/{shard}.json",
    log:
        "<logs>/frames/{split}/{shard}.log",
    benchmark:
        "<benchmarks>/frames/{split}/{shard}.tsv"
    priority: labelled_first
    conda:
        "../envs/uvis.yaml"
    resources:
        workers=CONFIG.compute.workers,
        mem_mb=memory_mb(2000),
        runtime=minutes(60),
    params:
        images=f"{RESULTS}/images/{{split}}",
        videos=shard_digest,
        settings=flags(CONFIG.frames, leave_out=["max_failed_share"]),
        code=code_of("scripts/extract_frames.py"),
    shell:
        "python {input.script} --plan {input.plan:q} --shard {wildcards.shard} --image-folder {params.images:q}"
        " --output {output.table:q} --failures {output.failures:q} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} 2> {log:q}"


rule check_frames:
    input:
        script=ancient("scripts/check_frames.py"),
        failures=shard_ledgers,
        frames=shard_tables("frames"),
    output:
        "<results>/frames/{split}.json",
    log:
        "<logs>/frames/{split}.log",
    benchmark:
        "<benchmarks>/frames/{split}.tsv"
    priority: 100
    localrule: True
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        failures=split_flag("<results>/frames/failures/{split}/{shard}.json"),
        frames=split_flag("<results>/frames/{split}/{shard}.parquet"),
        max_failed_share=CONFIG.frames.max_failed_share,
        code=code_of("scripts/check_frames.py"),
    shell:
        "python {input.script} --failures {params.failures} --frames {params.frames}"
        " --max-failed-share {params.max_failed_share} --output {output:q} 2> {log:q}"


rule frames:
    input:
        [f"{RESULTS}/frames/{split}.json" for split in SPLITS],
    localrule: True

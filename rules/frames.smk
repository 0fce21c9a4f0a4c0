def shard_files(wildcards):
    """The files or folders of a shard's videos; a json's videos are named by the digest of their entries instead."""
    entries = PLAN[wildcards.split][wildcards.shard]
    return [entry.path for entry in entries if entry.kind != "ytvis"]


def shard_source(wildcards):
    """The flags that hand exactly the shard's videos to the script."""
    source = CONFIG.source(wildcards.split)
    if source.kind == "ytvis":
        return shlex.join([*settings_flags(source, "source."), "--shard", wildcards.shard])
    kind = "videos" if source.kind == "toy" else source.kind
    paths = [entry.path for entry in PLAN[wildcards.split][wildcards.shard]]
    return shlex.join(["--source.kind", kind, "--source.path", json.dumps(paths)])


def shard_digest(wildcards):
    """What the source says about the shard's images."""
    return entries_digest(PLAN[wildcards.split][wildcards.shard])


def split_failures(wildcards):
    return shards("<results>/frames/{split}/{shard}.failures.json", wildcards.split)


def split_frames(wildcards):
    return shards("<results>/frames/{split}/{shard}.parquet", wildcards.split)


rule frames:
    input:
        script=ancient("scripts/extract_frames.py"),
        videos=shard_files,
    output:
        table="<results>/frames/{split}/{shard}.parquet",
        failures="<results>/frames/{split}/{shard}.failures.json",
    log:
        text="<logs>/frames/{split}/{shard}.log",
        usage="<benchmarks>/frames/{split}/{shard}.json",
    resources:
        workers=CONFIG.compute.workers,
        mem_mb=2000,
        runtime=60,
    params:
        source=shard_source,
        entries=shard_digest,
        images=f"{RESULTS}/frames/{{split}}/images",
        listing=f"{RESULTS}/frames",
        settings=flags(CONFIG.frames, leave_out=["max_failed_share"]),
        code=code_digest("scripts/extract_frames.py"),
    shell:
        "python {input.script} {params.source} --image-folder {params.images} --cache-folder {params.listing}"
        " --output {output.table} --failures {output.failures} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"


rule frames_summary:
    input:
        script=ancient("scripts/check_frames.py"),
        failures=split_failures,
        frames=split_frames,
    output:
        "<results>/frames/{split}.json",
    log:
        text="<logs>/frames/{split}.log",
        usage="<benchmarks>/frames/{split}.json",
    priority: 100
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        max_failed_share=CONFIG.frames.max_failed_share,
        code=code_digest("scripts/check_frames.py"),
    shell:
        "python {input.script} --failures {input.failures} --frames {input.frames}"
        " --max-failed-share {params.max_failed_share} --output {output}"
        " --usage {log.usage} 2> {log.text}"

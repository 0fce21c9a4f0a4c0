def tracks_settings(wildcards):
    return flags(CONFIG.tracks.variants[wildcards.tracks])


def tracker_inputs(wildcards):
    """Query trackers need the trained model; DeepSORT follows the pseudo-labels themselves."""
    paths = {"frames": "<results>/frames/{split}/{shard}.parquet"}
    if CONFIG.tracks.variants[wildcards.tracks].tracker == "deepsort":
        paths["masks"] = "<results>/masks/{split}/{shard}.parquet"
        paths["crops"] = "<results>/crops/{split}/{shard}.parquet"
        paths["labels"] = "<results>/labels/{labels}/{split}/{shard}.parquet"
    else:
        paths["checkpoint"] = "<results>/training/{labels}/seed-{seed}/model.safetensors"
    return {name: path.replace("<results>", RESULTS).format(**wildcards) for name, path in paths.items()}


def tracker_flags(wildcards):
    """The same files as flags of the script."""
    return shlex.join(part for name, path in tracker_inputs(wildcards).items() for part in (f"--{name}", path))


def track_tables(wildcards):
    pattern = "<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.parquet"
    variant = {key: wildcards[key] for key in ("labels", "tracks", "seed")}
    return shards(pattern, wildcards.split, **variant)


def optional_truth(wildcards):
    return truth_file(wildcards.split)


rule tracks:
    input:
        unpack(tracker_inputs),
        script=ancient("scripts/track_videos.py"),
    output:
        "<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.parquet",
    log:
        text="<logs>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.log",
        usage="<benchmarks>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.json",
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.tracks,
        workers=CONFIG.compute.workers,
        mem_mb=4000,
        runtime=120,
    params:
        inputs=tracker_flags,
        settings=tracks_settings,
        code=code_digest("scripts/track_videos.py"),
    shell:
        "python {input.script} {params.inputs} --output {output}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"


rule tracks_json:
    input:
        script=ancient("scripts/merge_tracks.py"),
        tracks=track_tables,
        frames=split_tables("frames"),
        truth=optional_truth,
    output:
        "<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}.json",
    log:
        text="<logs>/tracks/{labels}-{tracks}/seed-{seed}/{split}.log",
        usage="<benchmarks>/tracks/{labels}-{tracks}/seed-{seed}/{split}.json",
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        truth=truth_flag,
        code=code_digest("scripts/merge_tracks.py"),
    shell:
        "python {input.script} --tracks {input.tracks} --frames {input.frames} {params.truth}"
        " --output {output} --usage {log.usage} 2> {log.text}"

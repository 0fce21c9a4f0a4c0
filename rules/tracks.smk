TRACKED = "{labels}-{training}-{tracks}/seed-{seed}/{split}"


def tracks_settings(wildcards):
    return flags(CONFIG.tracks.variants[wildcards.tracks])


def tracker_inputs(wildcards):
    """Query trackers need a model, trained or given; DeepSORT follows the pseudo-labels themselves."""
    given = {}
    paths = {"frames": "<results>/frames/{split}/{shard}.parquet"}
    if wildcards.training == UNTRAINED:
        paths["masks"] = "<results>/masks/{split}/{shard}.parquet"
        paths["crops"] = "<results>/crops/{split}/{shard}.parquet"
        paths["labels"] = "<results>/labels/{labels}/{split}/{shard}.parquet"
    elif training_variant(wildcards).checkpoint is None:
        paths["checkpoint"] = f"{TRAINED}/model.safetensors"
    else:
        (given["checkpoint"],) = training_weights(wildcards)
    return {
        name: path.replace("<results>", RESULTS).format(**wildcards) for name, path in paths.items()
    } | given


def tracker_flags(wildcards):
    """The same files as flags of the script."""
    return shlex.join(
        part for name, path in tracker_inputs(wildcards).items() for part in (f"--{name}", path)
    )


def tracks_memory(wildcards, input, attempt):
    """Tracker clip holds all frames of a window at once: some 110 MB each at 360 × 640."""
    settings = CONFIG.tracks.variants[wildcards.tracks]
    window = settings.clip_frames * (settings.short_side_px / 360) ** 2 if settings.tracker == "clip" else 0
    return memory_mb(4000 + 110 * window, per_input_mb=4)(wildcards, input, attempt)


def track_tables(wildcards):
    variants = {key: wildcards[key] for key in ("labels", "training", "tracks", "seed")}
    return shards(f"<results>/tracks/{TRACKED}/{{shard}}.parquet", wildcards.split, **variants)


rule track_videos:
    input:
        unpack(tracker_inputs),
        script=ancient("scripts/track_videos.py"),
    output:
        f"<results>/tracks/{TRACKED}/{{shard}}.parquet",
    log:
        text=f"<logs>/tracks/{TRACKED}/{{shard}}.log",
        device=f"<benchmarks>/tracks/{TRACKED}/{{shard}}.device.json",
    benchmark:
        f"<benchmarks>/tracks/{TRACKED}/{{shard}}.tsv"
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.tracks,
        workers=CONFIG.compute.workers,
        mem_mb=tracks_memory,
        runtime=minutes(120),
    params:
        inputs=tracker_flags,
        settings=tracks_settings,
        code=code_of("scripts/track_videos.py"),
    shell:
        "python {input.script} {params.inputs} --output {output:q}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} --device-memory {log.device:q} 2> {log.text:q}"


def tracks_of_run():
    pattern = f"<results>/tracks/{TRACKED}/{{shard}}.parquet"
    return [path for name in CONFIG.run for path in shards(experiment_path(name, pattern), CONFIG.test_split)]


rule tracks:
    input:
        tracks_of_run(),
    localrule: True

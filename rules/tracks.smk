rule tracks:
    input:
        unpack(tracker_inputs),
        script=ancient("scripts/track_videos.py"),
    output:
        "<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.parquet",
    log:
        text="<logs>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.log",
        usage="<benchmarks>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.json",
    conda:
        "../envs/uvis.yaml"
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
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        truth=truth_flag,
        code=code_digest("scripts/merge_tracks.py"),
    shell:
        "python {input.script} --tracks {input.tracks} --frames {input.frames} {params.truth}"
        " --output {output} --usage {log.usage} 2> {log.text}"

rule labelled_split:
    input:
        script=ancient("scripts/split_videos.py"),
        annotations=split_source,
    output:
        train=CONFIG.part_files("train"),
        test=CONFIG.part_files("test"),
    log:
        text="<logs>/frames/split.log",
        usage="<benchmarks>/frames/split.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=8000,
        runtime=30,
    params:
        annotations=split_digest,
        settings=split_settings,
        code=code_digest("scripts/split_videos.py"),
    shell:
        "python {input.script} --annotations {input.annotations} --train {output.train} --test {output.test}"
        " {params.settings} --usage {log.usage} 2> {log.text}"


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
    conda:
        "../envs/uvis.yaml"
    resources:
        workers=CONFIG.compute.workers,
        mem_mb=2000,
        runtime=60,
    params:
        source=shard_source,
        entries=shard_digest,
        settings=flags(CONFIG.frames, leave_out=["max_failed_share"]),
        code=code_digest("scripts/extract_frames.py"),
    shell:
        "python {input.script} {params.source}"
        " --image-folder $(dirname {output.table})/images --cache-folder $(dirname {output.table})"
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
    conda:
        "../envs/uvis.yaml"
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

rule masks:
    input:
        script=ancient("scripts/generate_masks.py"),
        frames="<results>/frames/{split}/{shard}.parquet",
        checked=ancient("<results>/frames/{split}.json"),
        weights=weights_files("masks"),
    output:
        "<results>/masks/{split}/{shard}.parquet",
    log:
        text="<logs>/masks/{split}/{shard}.log",
        usage="<benchmarks>/masks/{split}/{shard}.json",
    cache: True
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.masks,
        workers=CONFIG.compute.workers,
        mem_mb=4000,
        runtime=120,
    params:
        settings=weights_flags("masks", leave_out=CONFIG.masks.unread),
        code=code_digest("scripts/generate_masks.py"),
    shell:
        "python {input.script} --frames {input.frames} --output {output}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"

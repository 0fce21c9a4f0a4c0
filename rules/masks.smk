rule generate_masks:
    input:
        script=ancient("scripts/generate_masks.py"),
        frames="<results>/frames/{split}/{shard}.parquet",
        checked=ancient("<results>/frames/{split}.json"),
        weights=weights_files("masks"),
    output:
        "<results>/masks/{split}/{shard}.parquet",
    log:
        text="<logs>/masks/{split}/{shard}.log",
        device="<benchmarks>/masks/{split}/{shard}.device.json",
    benchmark:
        "<benchmarks>/masks/{split}/{shard}.tsv"
    priority: labelled_first
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.masks,
        workers=CONFIG.compute.workers,
        mem_mb=memory_mb(4000, per_input_mb=4),
        runtime=minutes(120),
    params:
        settings=weights_flags("masks", leave_out=CONFIG.masks.unread),
        code=code_of("scripts/generate_masks.py"),
    shell:
        "python {input.script} --frames {input.frames:q} --output {output:q}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} --code-digest {params.code} --device-memory {log.device:q} 2> {log.text:q}"


rule masks:
    input:
        tables_of_run("masks"),
    localrule: True

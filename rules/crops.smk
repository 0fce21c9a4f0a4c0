rule vocabulary:
    input:
        script=ancient("scripts/embed_vocabulary.py"),
        vocabulary=CONFIG.vocabulary_file,
        weights=weights_files("crops"),
    output:
        "<results>/crops/text.safetensors",
    log:
        text="<logs>/crops/text.log",
        usage="<benchmarks>/crops/text.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        mem_mb=clip_memory_mb,
        runtime=60,
    params:
        settings=weights_flags("crops", leave_out=CONFIG.crops.unread),
        weights=clip_file_flag(),
        code=code_digest("scripts/embed_vocabulary.py"),
    shell:
        "python {input.script} --vocabulary {input.vocabulary} --output {output}"
        " --device {resources.device} {params.settings} {params.weights} --usage {log.usage} 2> {log.text}"


rule crops:
    input:
        script=ancient("scripts/score_crops.py"),
        masks="<results>/masks/{split}/{shard}.parquet",
        frames="<results>/frames/{split}/{shard}.parquet",
        vocabulary=CONFIG.vocabulary_file,
        text=text_embeddings(),
        weights=weights_files("crops"),
    output:
        "<results>/crops/{split}/{shard}.parquet",
    log:
        text="<logs>/crops/{split}/{shard}.log",
        usage="<benchmarks>/crops/{split}/{shard}.json",
    cache: True
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.crops,
        workers=CONFIG.compute.workers,
        mem_mb=clip_memory_mb,
        runtime=120,
    params:
        settings=weights_flags("crops", leave_out=CONFIG.crops.unread),
        weights=clip_file_flag(),
        text=text_flag(),
        code=code_digest("scripts/score_crops.py"),
    shell:
        "python {input.script} --masks {input.masks} --frames {input.frames}"
        " --vocabulary {input.vocabulary} {params.text} --output {output}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} {params.weights} --code-digest {params.code} --usage {log.usage} 2> {log.text}"

def text_embeddings():
    """The vocabulary's embeddings, for models that know words."""
    return [f"{RESULTS}/crops/text.safetensors"] if CONFIG.crops.backend == "open_clip" else []


def text_flag():
    """The same as a flag, or nothing."""
    return shlex.join(["--text", *text_embeddings()]) if text_embeddings() else ""


def clip_file_flag():
    """Where the weights of an open_clip tag were fetched to; nothing where the configuration names a file."""
    path = open_clip_file(CONFIG.crops, WEIGHTS)
    return shlex.join(["--weights-file", str(path)]) if path else ""


def clip_memory_mb(wildcards, input, attempt):
    """Room for the model beside the file that it is read from, and for the tables; a small model needs little."""
    weights_mb = sum(os.path.getsize(path) for path in input.weights) / 1024**2
    masks_mb = os.path.getsize(input.masks) / 1024**2 if "masks" in input.keys() else 0
    return int(attempt * (4000 + 2 * weights_mb + 20 * masks_mb))


rule embed_vocabulary:
    input:
        script=ancient("scripts/embed_vocabulary.py"),
        vocabulary=CONFIG.vocabulary_file,
        weights=weights_files("crops"),
    output:
        "<results>/crops/text.safetensors",
    log:
        text="<logs>/crops/text.log",
        device="<benchmarks>/crops/text.device.json",
    benchmark:
        "<benchmarks>/crops/text.tsv"
    priority: LABELLED_FIRST
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        mem_mb=clip_memory_mb,
        runtime=minutes(60),
    params:
        settings=weights_flags("crops", leave_out=CONFIG.crops.unread),
        weights=clip_file_flag(),
        code=code_of("scripts/embed_vocabulary.py"),
    shell:
        "python {input.script} --vocabulary {input.vocabulary:q} --output {output:q}"
        " --device {resources.device} {params.settings} {params.weights}"
        " --device-memory {log.device:q} 2> {log.text:q}"


rule score_crops:
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
        device="<benchmarks>/crops/{split}/{shard}.device.json",
    benchmark:
        "<benchmarks>/crops/{split}/{shard}.tsv"
    priority: labelled_first
    conda:
        "../envs/uvis.yaml"
    resources:
        gpu=gpus_per_job(),
        device=CONFIG.compute.device,
        batch_size=CONFIG.compute.batch_size.crops,
        workers=CONFIG.compute.workers,
        mem_mb=clip_memory_mb,
        runtime=minutes(120),
    params:
        settings=weights_flags("crops", leave_out=CONFIG.crops.unread),
        weights=clip_file_flag(),
        text=text_flag(),
        code=code_of("scripts/score_crops.py"),
    shell:
        "python {input.script} --masks {input.masks:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} {params.text} --output {output:q}"
        " --device {resources.device} --batch-size {resources.batch_size} --workers {resources.workers}"
        " {params.settings} {params.weights} --code-digest {params.code}"
        " --device-memory {log.device:q} 2> {log.text:q}"


rule crops:
    input:
        tables_of_run("crops"),
    localrule: True

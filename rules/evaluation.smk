rule davis_truth:
    input:
        script=ancient("scripts/convert_truth.py"),
        annotations=truth_folder,
        frames=split_tables("frames"),
    output:
        "<results>/evaluation/{split}-truth.json",
    log:
        text="<logs>/evaluation/{split}-truth.log",
        usage="<benchmarks>/evaluation/{split}-truth.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_digest("scripts/convert_truth.py"),
    shell:
        "python {input.script} --annotations {input.annotations} --frames {input.frames}"
        " --output {output} --usage {log.usage} 2> {log.text}"


rule evaluation:
    input:
        script=ancient("scripts/evaluate_tracks.py"),
        truth=optional_truth,
        predictions="<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}.json",
    output:
        "<results>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.json",
    log:
        text="<logs>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.log",
        usage="<benchmarks>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        settings=flags(CONFIG.evaluation),
        code=code_digest("scripts/evaluate_tracks.py"),
    shell:
        "python {input.script} --ground-truth {input.truth} --predictions {input.predictions}"
        " --output {output} {params.settings} --usage {log.usage} > {log.text} 2>&1"


rule label_quality:
    input:
        script=ancient("scripts/evaluate_labels.py"),
        labels=split_tables("labels"),
        masks=split_tables("masks"),
        truth=optional_truth,
        vocabulary=CONFIG.vocabulary_file,
    output:
        "<results>/evaluation/{labels}-labels/{split}.json",
    log:
        text="<logs>/evaluation/{labels}-labels/{split}.log",
        usage="<benchmarks>/evaluation/{labels}-labels/{split}.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code_digest("scripts/evaluate_labels.py"),
    shell:
        "python {input.script} --labels {input.labels} --masks {input.masks} --truth {input.truth}"
        " --vocabulary {input.vocabulary} --output {output} --usage {log.usage} > {log.text} 2>&1"

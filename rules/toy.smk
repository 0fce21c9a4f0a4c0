rule toy_train:
    input:
        script=ancient("scripts/make_toy.py"),
    output:
        videos=toy_videos("train"),
        truth="<results>/toy/train.json",
    log:
        text="<logs>/toy/train.log",
        usage="<benchmarks>/toy/train.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        split="train",
        settings=flags(CONFIG.toy),
        code=code_digest("scripts/make_toy.py"),
    shell:
        "python {input.script} --split {params.split} --output-videos $(dirname {output.videos[0]})"
        " --truth {output.truth}"
        " {params.settings} --usage {log.usage} 2> {log.text}"


use rule toy_train as toy_test with:
    output:
        videos=toy_videos("test"),
        truth="<results>/toy/test.json",
    log:
        text="<logs>/toy/test.log",
        usage="<benchmarks>/toy/test.json",
    params:
        split="test",
        settings=flags(CONFIG.toy),
        code=code_digest("scripts/make_toy.py"),

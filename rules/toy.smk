rule toy_train:
    input:
        script=ancient("scripts/make_toy.py"),
    output:
        videos=toy_videos("train"),
        truth="<results>/toy/train.json",
    log:
        text="<logs>/toy/train.log",
        usage="<benchmarks>/toy/train.json",
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        videos=f"{RESULTS}/toy/train",
        settings=flags(CONFIG.toy),
        code=code_digest("scripts/make_toy.py"),
    shell:
        "python {input.script} --split train --output-videos {params.videos} --truth {output.truth}"
        " {params.settings} --usage {log.usage} 2> {log.text}"


use rule toy_train as toy_test with:
    output:
        videos=toy_videos("test"),
        truth="<results>/toy/test.json",
    log:
        text="<logs>/toy/test.log",
        usage="<benchmarks>/toy/test.json",

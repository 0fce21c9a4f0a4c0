from uvis_core.toy.names import video_files


def toy_videos(split):
    """The video files of a split, known before they exist."""
    return video_files(split, CONFIG.toy, f"{RESULTS}/toy")


rule make_toy_train:
    input:
        script=ancient("scripts/make_toy.py"),
    output:
        videos=toy_videos("train"),
        truth="<results>/toy/train.json",
    log:
        "<logs>/toy/train.log",
    benchmark:
        "<benchmarks>/toy/train.tsv"
    # Everything waits for these videos, so they are made first and on two cores.
    priority: LABELLED_FIRST + 1
    conda:
        "../envs/uvis.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        split="train",
        settings=flags(CONFIG.toy),
        code=code_of("scripts/make_toy.py"),
    shell:
        'python {input.script} --split {params.split} --output-videos "$(dirname {output.videos[0]:q})"'
        " --truth {output.truth:q} --workers {threads}"
        " {params.settings} 2> {log:q}"


use rule make_toy_train as make_toy_test with:
    output:
        videos=toy_videos("test"),
        truth="<results>/toy/test.json",
    log:
        "<logs>/toy/test.log",
    benchmark:
        "<benchmarks>/toy/test.tsv"
    priority: 0
    threads: 1
    params:
        split="test",
        settings=flags(CONFIG.toy),
        code=code_of("scripts/make_toy.py"),

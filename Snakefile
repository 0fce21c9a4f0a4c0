from snakemake.utils import min_version

min_version("9.5")


configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/common_weights.smk"
include: "rules/common_tables.smk"


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",


wildcard_constraints:
    split="train|test",
    shard=r"shard-\d+-of-\d+",
    labels="|".join(CONFIG.labels.variants),
    tracks="|".join(CONFIG.tracks.variants),
    seed=r"\d+",


include: "rules/weights.smk"
include: "rules/toy.smk"
include: "rules/frames.smk"
include: "rules/masks.smk"
include: "rules/crops.smk"
include: "rules/prototypes.smk"
include: "rules/labels.smk"
include: "rules/training.smk"
include: "rules/tracks.smk"
include: "rules/evaluation.smk"
include: "rules/report.smk"
include: "rules/comparison.smk"


localrules:
    all,
    tables,


rule all:
    default_target: True
    input:
        "<results>/report/index.html",


onsuccess:
    print(summary_text(FIGURES, f"{RESULTS}/report/index.html"))

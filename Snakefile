from snakemake.utils import min_version

min_version("9.17")


configfile: "config.yaml"


include: "rules/common.smk"


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",


wildcard_constraints:
    split="train|test",
    shard=r"shard-\d+-of-\d+",
    labels="|".join([*CONFIG.labels.variants, UNTRAINED]),
    training="|".join([*CONFIG.training.variants, UNTRAINED]),
    tracks="|".join(CONFIG.tracks.variants),
    seed=r"\d+",


include: "rules/weights.smk"
include: "rules/toy.smk"
include: "rules/truth.smk"
include: "rules/frames.smk"
include: "rules/masks.smk"
include: "rules/crops.smk"
include: "rules/prototypes.smk"
include: "rules/labels.smk"
include: "rules/training.smk"
include: "rules/tracks.smk"
include: "rules/evaluation.smk"
include: "rules/exports.smk"
include: "rules/report.smk"
include: "rules/comparison.smk"
include: "rules/leftovers.smk"
include: "rules/terminal.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        rules.frames.input,
        # Of every experiment, also where neither truth nor an export asks for them.
        rules.tracks.input,
        rules.report.input,
        rules.exports.input,

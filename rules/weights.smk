import re

from uvis_core.weights.known import known, local_file, registry
from uvis_core.weights.needed import (
    check_files,
    check_weights,
    fetched_names,
    open_clip_file,
    stage_files,
    with_local_files,
)

WEIGHTS = CONFIG.weights_folder
# Key in the configuration -> settings that name weights.
WEIGHTS_OF = {
    "masks": CONFIG.masks,
    "crops": CONFIG.crops,
    **{f"training.variants.{name}": settings for name, settings in CONFIG.training.variants.items()},
}

for key, settings in WEIGHTS_OF.items():
    or_exit(check_weights, settings, key)
    or_exit(check_files, settings, WEIGHTS)


def weights_files(stage):
    """The files of weights that a stage loads, fetched ones by their local path."""
    return stage_files(WEIGHTS_OF[stage], WEIGHTS)


def weights_flags(stage, leave_out=()):
    """A stage's settings as flags, with the local file in place of every known name."""
    return flags(with_local_files(WEIGHTS_OF[stage], WEIGHTS), leave_out=leave_out)


def all_weights():
    """Every file of weights that the configuration needs from elsewhere."""
    published = [str(local_file(name, WEIGHTS)) for name in fetched_names(*WEIGHTS_OF.values())]
    loaded = [path for key in WEIGHTS_OF for path in weights_files(key)]
    return list(dict.fromkeys(published + [path for path in loaded if Path(path).is_relative_to(WEIGHTS)]))


def published_name(wildcards):
    """The known name behind a file in the folder of weights."""
    return next(name for name, entry in registry().items() if entry.file == wildcards.file)


def published_file(wildcards):
    """What a converted checkpoint is made of."""
    return str(local_file(wildcards.name, WEIGHTS))


def published_layout(wildcards):
    """Whose layout it has."""
    return known(wildcards.name).converted_from


rule weights:
    input:
        all_weights(),
    localrule: True


# On the machine that Snakemake runs on, because compute nodes often have no network. No digest of code: a change of the
# script must not fetch gigabytes again.
rule fetch_weights:
    input:
        script=ancient("scripts/fetch_weights.py"),
    output:
        f"{WEIGHTS}/{{file}}",
    log:
        text="<logs>/weights/{file}.log",
    wildcard_constraints:
        file="|".join(re.escape(entry.file) for entry in registry().values()),
    localrule: True
    conda:
        "../envs/uvis.yaml"
    params:
        name=published_name,
        folder=subpath(output[0], parent=True),
    shell:
        "python {input.script} {params.name} --folder {params.folder:q} 2> >(tee {log.text:q} >&2)"


rule fetch_open_clip:
    input:
        script=ancient("scripts/fetch_weights.py"),
    output:
        f"{WEIGHTS}/open_clip/{{model}}/{{tag}}.weights",
    log:
        text="<logs>/weights/{model}-{tag}.log",
    wildcard_constraints:
        model="[^/]+",
        tag="[^/]+",
    localrule: True
    conda:
        "../envs/uvis.yaml"
    shell:
        "python {input.script} --open-clip {wildcards.model:q} {wildcards.tag:q} {output:q} 2> >(tee {log.text:q} >&2)"


rule convert_weights:
    input:
        script=ancient("scripts/convert_checkpoint.py"),
        checkpoint=published_file,
    output:
        model=f"{WEIGHTS}/{{name}}/model.safetensors",
        config=f"{WEIGHTS}/{{name}}/config.json",
    log:
        text="<logs>/weights/{name}.log",
    wildcard_constraints:
        name="|".join(name for name, entry in registry().items() if entry.converted_from),
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=20,
    params:
        layout=published_layout,
        folder=subpath(output.model, parent=True),
        code=code_of("scripts/convert_checkpoint.py"),
    shell:
        "python {input.script} --source {params.layout} --checkpoint {input.checkpoint:q}"
        " --output {params.folder:q} 2> {log.text:q}"

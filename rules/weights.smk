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
        "python {input.script} {params.name} --folder {params.folder} 2> >(tee {log.text} >&2)"


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
        "python {input.script} --open-clip {wildcards.model} {wildcards.tag} {output} 2> >(tee {log.text} >&2)"


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
        code=code_digest("scripts/convert_checkpoint.py"),
    shell:
        "python {input.script} --source {params.layout} --checkpoint {input.checkpoint}"
        " --output {params.folder} 2> {log.text}"

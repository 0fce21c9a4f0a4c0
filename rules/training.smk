TRAINED = "<results>/training/{labels}-{training}/seed-{seed}/"


def check_gpus():
    """A cap below the number of GPUs that training asks for would be taken by the scheduler without a word."""
    wanted = CONFIG.compute.training_gpus
    if "gpu" in workflow.global_resources and workflow.global_resources["gpu"].value < wanted:
        sys.exit(
            f"Error: compute.training_gpus is {wanted}, but the run is held to {workflow.global_resources['gpu'].value} "
            f"(resource gpu)\n"
            f"  fix: start Snakemake with --resources gpu={wanted}, or set resources.gpu in the profile, or lower "
            f"compute.training_gpus"
        )


if workflow.is_main_process:
    check_gpus()


def training_variant(wildcards):
    return CONFIG.training.variants[wildcards.training]


def training_settings(wildcards):
    settings = with_local_files(training_variant(wildcards), WEIGHTS)
    return flags(settings, leave_out=["checkpoint_steps"])


def training_weights(wildcards):
    return stage_files(training_variant(wildcards), WEIGHTS)


def checkpoint_steps(wildcards):
    return training_variant(wildcards).checkpoint_steps


rule train_model:
    input:
        script=ancient("scripts/train_model.py"),
        samples="<results>/labels/{labels}/train.arrow",
        weights=training_weights,
    output:
        model=TRAINED + "model.safetensors",
        config=TRAINED + "config.json",
        metrics=TRAINED + "metrics.jsonl",
    log:
        text="<logs>/training/{labels}-{training}/seed-{seed}.log",
        device="<benchmarks>/training/{labels}-{training}/seed-{seed}.device.json",
    benchmark:
        "<benchmarks>/training/{labels}-{training}/seed-{seed}.tsv"
    conda:
        "../envs/uvis.yaml"
    threads: CONFIG.compute.training_threads
    resources:
        gpu=CONFIG.compute.training_gpus or gpus_per_job(),
        # The program's own number, which no cap of the scheduler reaches.
        processes=CONFIG.compute.training_gpus,
        nodes=CONFIG.compute.training_nodes,
        device=CONFIG.compute.device,
        workers=CONFIG.compute.workers,
        checkpoint_steps=checkpoint_steps,
        mem_mb=memory_mb(8000),
        runtime=minutes(1440),
    params:
        settings=training_settings,
        code=code_of("scripts/train_model.py"),
    shell:
        "python {input.script} --samples {input.samples:q} --output {output.model:q} --seed {wildcards.seed}"
        " --device {resources.device} --workers {resources.workers}"
        " --gpus {resources.processes} --nodes {resources.nodes} --checkpoint-steps {resources.checkpoint_steps}"
        " {params.settings} --code-digest {params.code} --device-memory {log.device:q} 2> {log.text:q}"


def models_of_run():
    """One model per pair of labels and training variant."""
    trained = [name for name in CONFIG.run if CONFIG.experiments[name].training]
    return list(dict.fromkeys(experiment_path(name, TRAINED + "model.safetensors") for name in trained))


rule training:
    input:
        models_of_run(),
    localrule: True

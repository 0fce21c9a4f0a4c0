from uvis_core.config.experiments import chain_of
from uvis_core.model.usage import check_vocabulary

TRAINED = "<results>/training/{labels}-{training}/seed-{seed}"


def check_gpus():
    """A cap below the number of GPUs that training asks for would be taken by the scheduler without a word."""
    wanted = CONFIG.compute.training_gpus * CONFIG.compute.training_nodes
    if "gpu" in workflow.global_resources and workflow.global_resources["gpu"].value < wanted:
        sys.exit(
            f"Error: training asks for {wanted} GPUs (compute.training_gpus on each of compute.training_nodes), but the run is "
            f"held to {workflow.global_resources['gpu'].value} (resource gpu)\n"
            f"  fix: start Snakemake with --resources gpu={wanted}, or set resources.gpu in the profile, or lower "
            f"compute.training_gpus"
        )


def check_overridden():
    """GPUs and nodes of training have one owner; a profile that names them too would win without a word."""
    asked = workflow.resource_settings.overwrite_resources.get("train_model", ())
    if doubled := sorted({"gpu", "nodes", "processes", "tasks", "mpi"}.intersection(asked)):
        sys.exit(
            f"Error: {', '.join(doubled)} of train_model: set by a profile or --set-resources, but decided by the "
            f"configuration\n"
            f"  fix: take it out there, and set compute.training_gpus (per node) and compute.training_nodes"
        )


if workflow.is_main_process:
    check_gpus()
    check_overridden()

NODES = CONFIG.compute.training_nodes
GPUS_PER_NODE = CONFIG.compute.training_gpus or gpus_per_job()
# Where a profile has to name them in the words of its scheduler, it does so by this variable.
os.environ.update(UVIS_TRAINING_GPUS=str(GPUS_PER_NODE))


def training_variant(wildcards):
    return CONFIG.training.variants[wildcards.training]


def started_from(wildcards):
    """The model, of the same labels and seed, that a variant starts from; none where it names none."""
    start = training_variant(wildcards).start
    if start is None:
        return []
    path = f"{TRAINED}/model.safetensors".replace("<results>", RESULTS)
    return [path.format(labels=wildcards.labels, training=start, seed=wildcards.seed)]


def training_settings(wildcards):
    settings = with_local_files(training_variant(wildcards), WEIGHTS)
    for path in started_from(wildcards):
        settings = settings.model_copy(update={"initial": path})
    return flags(settings, leave_out=["checkpoint_steps", "checkpoint", "start"])


def training_weights(wildcards):
    return stage_files(training_variant(wildcards), WEIGHTS)


# A model that is given must know the words; found out by the exports, that would be hours later.
for experiment in EXPERIMENTS:
    if experiment.training and not CONFIG.trains(experiment):
        or_exit(
            check_vocabulary,
            *stage_files(CONFIG.training.variants[experiment.training], WEIGHTS),
            or_exit(read_vocabulary, CONFIG.vocabulary_file).class_ids,
        )


def checkpoint_steps(wildcards):
    return training_variant(wildcards).checkpoint_steps


# Settings of the tracks stage by which a model's results follow from it alone.
TESTED_WITH = (
    "tracker",
    "memory_weight",
    "clip_frames",
    "overlap",
    "predictions",
    "short_side_px",
    "precision",
)


def tested_with(wildcards):
    """How the first experiment that takes this model tests it: kept beside the model, and no reason to train anew.

    A model that others start from and no experiment takes is tested as they are.
    """
    experiments = [CONFIG.experiments[name] for name in dict.fromkeys([*CONFIG.run, *CONFIG.experiments])]
    depths = [
        (chain_of(CONFIG.training.variants, experiment.training).index(wildcards.training), experiment)
        for experiment in experiments
        if experiment.labels == wildcards.labels
        and experiment.training
        and wildcards.training in chain_of(CONFIG.training.variants, experiment.training)
    ]
    _, first = min(depths, key=lambda pair: pair[0])
    settings = CONFIG.tracks.variants[first.tracks]
    return json.dumps({key: getattr(settings, key) for key in TESTED_WITH})


rule train_model:
    input:
        script=ancient("scripts/train_model.py"),
        samples="<results>/labels/{labels}/train.arrow",
        weights=training_weights,
        start=started_from,
    output:
        model=f"{TRAINED}/model.safetensors",
        config=f"{TRAINED}/config.json",
        metrics=f"{TRAINED}/metrics.jsonl",
    log:
        text="<logs>/training/{labels}-{training}/seed-{seed}.log",
        device="<benchmarks>/training/{labels}-{training}/seed-{seed}.device.json",
    benchmark:
        "<benchmarks>/training/{labels}-{training}/seed-{seed}.tsv"
    priority: LABELLED_FIRST
    conda:
        "../envs/uvis.yaml"
    threads: CONFIG.compute.training_threads
    resources:
        # Of the whole job, which is what a scheduler counts.
        gpu=NODES * GPUS_PER_NODE,
        # Per node: the program's own number, which no cap of the scheduler reaches.
        processes=GPUS_PER_NODE,
        nodes=NODES,
        # Several nodes are one task each, started by the program itself, which is what "mpi" tells the executor.
        tasks=NODES if NODES > 1 else None,
        mpi="torchrun" if NODES > 1 else None,
        device=CONFIG.compute.device,
        workers=CONFIG.compute.workers,
        checkpoint_steps=checkpoint_steps,
        tested=tested_with,
        mem_mb=memory_mb(8000 * max(GPUS_PER_NODE, 1)),
        runtime=minutes(1440),
    params:
        settings=training_settings,
        code=code_of("scripts/train_model.py"),
    shell:
        "python {input.script} --samples {input.samples:q} --output {output.model:q} --seed {wildcards.seed}"
        " --device {resources.device} --workers {resources.workers}"
        " --gpus {resources.processes} --nodes {resources.nodes} --threads {threads}"
        " --checkpoint-steps {resources.checkpoint_steps}"
        " {params.settings} --tested {resources.tested:q}"
        " --code-digest {params.code} --device-memory {log.device:q} 2> {log.text:q}"


def models_of_run():
    """One model per pair of labels and training variant."""
    trained = [name for name in CONFIG.run if CONFIG.trains(CONFIG.experiments[name])]
    return list(dict.fromkeys(experiment_path(name, f"{TRAINED}/model.safetensors") for name in trained))


rule training:
    input:
        models_of_run(),
    localrule: True

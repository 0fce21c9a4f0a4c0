rule training:
    input:
        script=ancient("scripts/train_model.py"),
        labels="<results>/labels/{labels}/train.json",
        weights=weights_files("training"),
    output:
        model="<results>/training/{labels}/seed-{seed}/model.safetensors",
        config="<results>/training/{labels}/seed-{seed}/config.json",
        metrics="<results>/training/{labels}/seed-{seed}/metrics.jsonl",
    log:
        text="<logs>/training/{labels}/seed-{seed}.log",
        usage="<benchmarks>/training/{labels}/seed-{seed}.json",
    conda:
        "../envs/uvis.yaml"
    threads: CONFIG.compute.training_threads
    resources:
        gpu=CONFIG.compute.training_gpus or gpus_per_job(),
        nodes=CONFIG.compute.training_nodes,
        device=CONFIG.compute.device,
        workers=CONFIG.compute.workers,
        checkpoint_steps=CONFIG.training.checkpoint_steps,
        mem_mb=8000,
        runtime=1440,
    params:
        settings=weights_flags("training", leave_out=["checkpoint_steps"]),
        code=code_digest("scripts/train_model.py"),
    shell:
        "python {input.script} --labels {input.labels} --output {output.model} --seed {wildcards.seed}"
        " --device {resources.device} --workers {resources.workers}"
        " --gpus {resources.gpu} --nodes {resources.nodes} --checkpoint-steps {resources.checkpoint_steps}"
        " {params.settings} --code-digest {params.code} --usage {log.usage} 2> {log.text}"

MAIN = CONFIG.run[0]
REPORTED_FIGURES = figures_of_run()
# Flag -> split and pattern of the tables that the page is made of.
REPORTED_TABLES = {
    "train-frames": ("train", "<results>/frames/{split}/{shard}.parquet"),
    "masks": ("train", "<results>/masks/{split}/{shard}.parquet"),
    "labels": ("train", f"<results>/labels/{EXPERIMENTS[0].labels}/{{split}}/{{shard}}.parquet"),
    "crops": ("train", "<results>/crops/{split}/{shard}.parquet"),
    "frames": (CONFIG.test_split, "<results>/frames/{split}/{shard}.parquet"),
    "tracks": (CONFIG.test_split, experiment_path(MAIN, f"<results>/tracks/{TRACKED}/{{shard}}.parquet")),
}


def reported_files():
    """Flag -> the one file behind it; what the run does not make is left out."""
    files = {
        "vocabulary": [CONFIG.vocabulary_file],
        "metrics": [path.replace("model.safetensors", "metrics.jsonl") for path in models_of_run()[:1]],
        "model": models_of_run()[:1],
        "train-truth": truth_tables("train"),
        "label-quality": label_figures(EXPERIMENTS[0].labels),
        "truth": truth_tables(CONFIG.test_split),
    }
    if not EXPERIMENTS[0].training:
        files["metrics"] = files["model"] = []
    return {flag: paths[0] for flag, paths in files.items() if paths}


def export_flags():
    """The folders of the exports, which the page names and does not wait for."""
    return ["--exports", *(f"{RESULTS}/exports/{name}" for name in CONFIG.exports.formats)]


def report_flags():
    """Every input of the report under its flag."""
    parts = ["--frames-summary", *(f"{RESULTS}/frames/{split}.json" for split in SPLITS)]
    for flag, (split, pattern) in REPORTED_TABLES.items():
        parts += [f"--{flag}", all_shards(pattern, split)]
    for flag, path in reported_files().items():
        parts += [f"--{flag}", path]
    if REPORTED_FIGURES:
        parts += ["--evaluation", *(f"{name}={path}" for name, path in REPORTED_FIGURES.items())]
    return shlex.join([*parts, *export_flags()])


def report_inputs(wildcards):
    return report_flags()


rule render_report:
    input:
        *(shards(pattern, split) for split, pattern in REPORTED_TABLES.values()),
        *reported_files().values(),
        *REPORTED_FIGURES.values(),
        *(f"{RESULTS}/frames/{split}.json" for split in SPLITS),
        script=ancient("scripts/render_report.py"),
        templates=page_templates("report"),
    output:
        "<results>/report/index.html",
    log:
        "<logs>/report/index.log",
    benchmark:
        "<benchmarks>/report/index.tsv"
    conda:
        "../envs/uvis.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(4000),
        runtime=minutes(60),
    params:
        dataset=CONFIG.dataset,
        inputs=report_inputs,
        benchmarks=f"{RESULTS}/benchmarks",
        configuration=CONFIG.model_dump_json(exclude={"compute"}),
        settings=flags(CONFIG.report),
        code=code_of("scripts/render_report.py"),
    shell:
        "python {input.script} --dataset {params.dataset} {params.inputs} --benchmarks {params.benchmarks:q}"
        " --configuration <(printf %s {params.configuration:q})"
        " --output {output:q} {params.settings} 2> {log:q}"


rule report:
    input:
        # A model that is given has no labels of training videos to show.
        ["<results>/report/index.html"] if EXPERIMENTS[0].labels else [],
    localrule: True

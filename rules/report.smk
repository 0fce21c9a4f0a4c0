MAIN = CONFIG.run[0]
TABLES = {
    "train-frames": ("train", "<results>/frames/{split}/{shard}.parquet"),
    "masks": ("train", "<results>/masks/{split}/{shard}.parquet"),
    "labels": ("train", f"<results>/labels/{CONFIG.experiments[MAIN].labels}/{{split}}/{{shard}}.parquet"),
    "frames": (CONFIG.test_split, "<results>/frames/{split}/{shard}.parquet"),
    "tracks": (
        CONFIG.test_split,
        experiment_path(MAIN, "<results>/tracks/{labels}-{tracks}/seed-{seed}") + "/{split}/{shard}.parquet",
    ),
}
FIGURES = {
    name: experiment_path(name, "<results>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.json")
    for name in CONFIG.run
    if truth_file(CONFIG.test_split)
}
SINGLES = {
    "labels-json": experiment_path(MAIN, "<results>/labels/{labels}/train.json"),
    "metrics": experiment_path(MAIN, "<results>/training/{labels}/seed-{seed}/metrics.jsonl"),
    "vocabulary": CONFIG.vocabulary,
}
if truth_file("train"):
    SINGLES["train-truth"] = truth_file("train")[0]
if truth_file(CONFIG.test_split):
    SINGLES["truth"] = truth_file(CONFIG.test_split)[0]


def report_tables():
    return {name: shards(pattern, split) for name, (split, pattern) in TABLES.items()}


def report_flags():
    """Every input of the report under its flag."""
    parts = ["--frames-summary", *(f"{RESULTS}/frames/{split}.json" for split in SPLITS)]
    for name, paths in report_tables().items():
        parts += [f"--{name}", *paths]
    for name, path in SINGLES.items():
        parts += [f"--{name}", path]
    if FIGURES:
        parts += ["--evaluation", *(f"{name}={path}" for name, path in FIGURES.items())]
    return shlex.join(parts)


def report_usage():
    """Job name and usage file of every job behind the report, as JSON; usage files mirror the outputs."""
    outputs = [path for split in SPLITS for path in shards("<results>/frames/{split}/{shard}.parquet", split)]
    outputs += report_tables()["masks"]
    outputs += [f"{RESULTS}/crops/text.x", *shards("<results>/crops/{split}/{shard}.parquet", "train")]
    outputs += [f"{RESULTS}/prototypes/centroids.x", *shards("<results>/prototypes/{split}/{shard}.parquet", "train")]
    outputs += report_tables()["labels"] + [SINGLES["labels-json"]]
    outputs += [experiment_path(MAIN, "<results>/training/{labels}/seed-{seed}.x")]
    outputs += report_tables()["tracks"] + list(FIGURES.values())
    jobs = [str(Path(output).relative_to(RESULTS).with_suffix("")) for output in outputs]
    return json.dumps([[job, f"{RESULTS}/benchmarks/{job}.json"] for job in jobs])


rule report:
    input:
        *(path for paths in report_tables().values() for path in paths),
        *SINGLES.values(),
        *FIGURES.values(),
        *(f"{RESULTS}/frames/{split}.json" for split in SPLITS),
        script=ancient("scripts/render_report.py"),
    output:
        "<results>/report/index.html",
    log:
        text="<logs>/report/index.log",
        usage="<benchmarks>/report/index.json",
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        inputs=report_flags(),
        usage=report_usage(),
        configuration=CONFIG.model_dump_json(exclude={"compute"}),
        settings=flags(CONFIG.report),
        code=code_digest("scripts/render_report.py"),
    shell:
        "python {input.script} --dataset {CONFIG.dataset} {params.inputs}"
        " --configuration <(printf %s {params.configuration:q}) --usage-list <(printf %s {params.usage:q})"
        " --output {output} {params.settings} --usage {log.usage} 2> {log.text}"

PUBLISHED = "uvis_core/comparison/published.json"
TABLES_TEMPLATES = [f"uvis_core/report/templates/{name}" for name in ("report.css", "tables.html.j2")]


def experiment_runs(name):
    """Figures files of an experiment: one per training seed, or one where nothing is trained."""
    pattern = "<results>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.json"
    return [
        experiment_path(name, pattern, seed)
        for seed in (CONFIG.seeds if is_trained(name) else CONFIG.seeds[:1])
    ]


def compared_experiments():
    """Each experiment that has a row in a table -> its figures files."""
    names = [name for table, rows in CONFIG.comparison if table != "labels" for name in rows.values()]
    return {name: experiment_runs(name) for name in dict.fromkeys(names)}


def compared_labels():
    """Each labels variant that has a row -> its figures file; nothing where the labelled split has no truth."""
    variants = dict.fromkeys(CONFIG.comparison.labels.values() if truth_file("train") else [])
    return {name: f"{RESULTS}/evaluation/{name}-labels/train.json" for name in variants}


def tables_inputs(wildcards):
    """All figures files; the target cannot be had without truth to take figures against."""
    if not truth_file(CONFIG.test_split):
        split = CONFIG.test_split
        sys.exit(
            f"Error: target tables: sources.{split} has no truth to take figures against\n"
            f"  fix: set sources.{split}.truth to a YTVIS or OVIS json with annotations"
        )
    return [path for paths in compared_experiments().values() for path in paths] + list(
        compared_labels().values()
    )


def tables_flags():
    """The same files by name, as flags of the script."""
    runs = [f"{name}={path}" for name, paths in compared_experiments().items() for path in paths]
    labels = [f"{name}={path}" for name, path in compared_labels().items()]
    return shlex.join(["--figures", *runs, "--label-figures", *labels])


def tables_settings():
    """Rows of every table; those of the labels only where they have figures."""
    return flags(CONFIG.comparison, leave_out=[] if truth_file("train") else ["labels"])

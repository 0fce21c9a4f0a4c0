if workflow.is_main_process:
    # Imported here, because every job of a cluster parses the workflow too.
    from uvis_core.terminal.attach import show_readably

    show_readably(workflow.output_settings, one_machine=not ELSEWHERE)


def again(more, target):
    """The command of this run for one target, with more settings than it was given."""
    given = workflow.config_settings
    files = ["--configfile", *map(os.path.relpath, given.configfiles)] if given.configfiles else []
    settings = [f"{key}={json.dumps(value)}" for key, value in {**given.config, **more}.items()]
    return shlex.join(["snakemake", "--cores", "2", *files, "--config", *settings, "--", target])


def next_commands():
    """What is there after a run -> where, and what can be done next -> the command; for what there is by now."""
    from uvis_core.report.summary import unreadable_videos

    experiment = CONFIG.experiments[MAIN]
    found = {
        "report": f"{RESULTS}/report/index.html",
        "tracks": experiment_path(MAIN, f"<results>/tracks/{TRACKED}"),
        "exports": f"{RESULTS}/exports",
    }
    lines = unreadable_videos([Path(f"{RESULTS}/frames/{split}.json") for split in SPLITS])
    lines |= {name: path for name, path in found.items() if Path(path).exists()}
    if experiment.labels and Path(f"{RESULTS}/labels").exists():
        lines["look, tune, correct"] = shlex.join(
            ["python", "scripts/explore_results.py", "--results", RESULTS]
        )
    lines["overlays, other formats"] = again({"exports": {"formats": ["overlay", "cvat"]}}, "exports")
    if CONFIG.trains(experiment):
        model = experiment_path(MAIN, f"{TRAINED}/model.safetensors")
        if Path(model).is_file():
            predict = ["python", "scripts/predict_videos.py", "--model", model, "--output", "out", "--videos"]
            lines["other videos"] = f"{shlex.join(predict)} FILE…"
    return lines


onsuccess:
    from uvis_core.report.summary import summary_text

    print(summary_text(REPORTED_FIGURES, next_commands()))

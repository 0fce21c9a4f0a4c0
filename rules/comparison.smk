PUBLISHED = "uvis_core/comparison/published.json"


def experiment_runs(name):
    """Figures files of an experiment: one per training seed, or one where nothing is trained."""
    seeds = CONFIG.seeds if CONFIG.trains(CONFIG.experiments[name]) else CONFIG.seeds[:1]
    return [experiment_path(name, f"<results>/evaluation/{TRACKED}.json", seed) for seed in seeds]


def compared_experiments():
    """Each experiment that has a row in a table -> its figures files."""
    names = [name for table, rows in CONFIG.comparison if table != "labels" for name in rows.values()]
    return {name: experiment_runs(name) for name in dict.fromkeys(names)}


def compared_labels():
    """Each labels variant that has a row -> its figures file; nothing where the labelled split has no truth."""
    variants = dict.fromkeys(CONFIG.comparison.labels.values())
    return {name: path for name in variants for path in label_figures(name)}


def comparison_inputs(wildcards):
    """All figures files; the target cannot be had without truth to take figures against."""
    if not has_truth(CONFIG.test_split):
        split = CONFIG.test_split
        sys.exit(
            f"Error: target tables: sources.{split} has no truth to take figures against\n"
            f"  fix: set sources.{split}.truth to a YTVIS or OVIS json with annotations"
        )
    if "train" not in SPLITS:
        sys.exit(
            "Error: target tables: sources.train is null, so that nothing can be labelled and compared\n"
            "  fix: give the source of the training videos"
        )
    runs = [path for paths in compared_experiments().values() for path in paths]
    return [*runs, *compared_labels().values()]


def comparison_flags():
    """The same files by name, as flags of the script."""
    runs = [f"{name}={path}" for name, paths in compared_experiments().items() for path in paths]
    labels = [f"{name}={path}" for name, path in compared_labels().items()]
    return shlex.join(["--figures", *runs, "--label-figures", *labels])


def comparison_settings():
    """Rows of every table; those of the labels only where they have figures."""
    return flags(CONFIG.comparison, leave_out=[] if has_truth("train") else ["labels"])


rule make_tables:
    input:
        comparison_inputs,
        script=ancient("scripts/make_tables.py"),
        published=PUBLISHED,
    output:
        tables="<results>/comparison/tables.json",
        text="<results>/comparison/tables.md",
    log:
        "<logs>/comparison/tables.log",
    benchmark:
        "<benchmarks>/comparison/tables.tsv"
    localrule: True
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        dataset=CONFIG.dataset,
        figures=comparison_flags(),
        settings=comparison_settings(),
        code=code_of("scripts/make_tables.py"),
    shell:
        "python {input.script} --dataset {params.dataset} --published {input.published:q} {params.figures}"
        " --output {output.tables:q} --markdown {output.text:q} {params.settings} 2> {log:q}"


rule render_tables:
    input:
        script=ancient("scripts/render_tables.py"),
        tables="<results>/comparison/tables.json",
        templates=page_templates("comparison"),
    output:
        "<results>/report/tables.html",
    log:
        "<logs>/report/tables.log",
    benchmark:
        "<benchmarks>/report/tables.tsv"
    localrule: True
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=memory_mb(1000),
        runtime=minutes(30),
    params:
        code=code_of("scripts/render_tables.py"),
    shell:
        "python {input.script} --tables {input.tables:q} --output {output:q} 2> {log:q}"


rule tables:
    input:
        "<results>/comparison/tables.json",
        "<results>/comparison/tables.md",
        "<results>/report/tables.html",
    localrule: True


rule comparison:
    input:
        rules.tables.input,
    localrule: True

rule report:
    input:
        *(path for paths in report_tables().values() for path in paths),
        *SINGLES.values(),
        *FIGURES.values(),
        *(f"{RESULTS}/frames/{split}.json" for split in SPLITS),
        script=ancient("scripts/render_report.py"),
        templates=report_templates(),
    output:
        "<results>/report/index.html",
    log:
        text="<logs>/report/index.log",
        usage="<benchmarks>/report/index.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        dataset=CONFIG.dataset,
        inputs=report_flags(),
        usage=report_usage(),
        configuration=CONFIG.model_dump_json(exclude={"compute"}),
        settings=flags(CONFIG.report),
        code=code_digest("scripts/render_report.py"),
    shell:
        "python {input.script} --dataset {params.dataset} {params.inputs}"
        " --configuration <(printf %s {params.configuration:q}) --usage-list <(printf %s {params.usage:q})"
        " --output {output} {params.settings} --usage {log.usage} 2> {log.text}"

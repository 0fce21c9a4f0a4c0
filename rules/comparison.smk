rule tables_json:
    input:
        tables_inputs,
        script=ancient("scripts/make_tables.py"),
        published=PUBLISHED,
    output:
        tables="<results>/tables/tables.json",
        text="<results>/tables/tables.md",
    log:
        text="<logs>/tables/tables.log",
        usage="<benchmarks>/tables/tables.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        dataset=CONFIG.dataset,
        figures=tables_flags(),
        settings=tables_settings(),
        code=code_digest("scripts/make_tables.py"),
    shell:
        "python {input.script} --dataset {params.dataset} --published {input.published} {params.figures}"
        " --output {output.tables} --markdown {output.text} {params.settings}"
        " --usage {log.usage} 2> {log.text}"


rule tables_page:
    input:
        script=ancient("scripts/render_tables.py"),
        tables="<results>/tables/tables.json",
        templates=TABLES_TEMPLATES,
    output:
        "<results>/report/tables.html",
    log:
        text="<logs>/report/tables.log",
        usage="<benchmarks>/report/tables.json",
    conda:
        "../envs/uvis.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code_digest("scripts/render_tables.py"),
    shell:
        "python {input.script} --tables {input.tables} --output {output} --usage {log.usage} 2> {log.text}"


rule tables:
    input:
        "<results>/tables/tables.json",
        "<results>/tables/tables.md",
        "<results>/report/tables.html",

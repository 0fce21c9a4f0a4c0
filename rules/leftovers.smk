from uvis_core.leftovers import find_leftovers, leftovers_text

# What an earlier plan made lies beside the new results and would be read with them by whoever opens a folder of tables.
LEFTOVERS = find_leftovers(RESULTS, PLAN) if workflow.is_main_process else []
if LEFTOVERS:
    print(leftovers_text(LEFTOVERS), file=sys.stderr)


rule leftovers:
    input:
        script=ancient("scripts/remove_leftovers.py"),
    log:
        "<logs>/leftovers.log",
    localrule: True
    conda:
        "../envs/uvis.yaml"
    params:
        results=RESULTS,
        plans=[str(plan_file(split).with_suffix(".json")) for split in SPLITS],
    shell:
        "python {input.script} --results {params.results:q} --plans {params.plans:q} 2> {log:q}"

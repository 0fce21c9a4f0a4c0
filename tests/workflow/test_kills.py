"""What the kills are made of: reading Snakemake's words, drawing moments, comparing results."""

import random
from pathlib import Path

import pytest

from benchmarks.killed import Timeline, draw_moments
from tests.workflow.conftest import Checkout
from tests.workflow.kills import Start, differences, outputs, results_of, stage_of_rule, stages_at

PRINTED = """Job stats:
job                count
---------------  -------
generate_masks         1
total                 12

[Sat Nov 21 18:18:30 2026]
localrule read_truth:
    input: a
    output: b
    jobid: 3
    reason: Missing output files

[Sat Nov 21 18:18:31 2026]
rule generate_masks:
    input: a
    jobid: 14
[Sat Nov 21 18:18:32 2026]
Finished jobid: 3 (Rule: read_truth)
1 of 12 steps (8%) done
"""


def start_that_printed(text: str) -> Start:
    start = Start.__new__(Start)
    start.printed = text
    return start


def test_what_snakemake_prints_tells_how_far_it_is() -> None:
    start = start_that_printed(PRINTED)
    assert (start.jobs, start.done, start.running, start.started) == (12, 1, ["generate_masks"], True)
    assert list(stages_at(start, stage_of_rule())) == ["masks"]
    assert list(stages_at(start_that_printed("Building DAG of jobs..."), {})) == ["start-up"]
    ended = start_that_printed(PRINTED + "Finished jobid: 14 (Rule: generate_masks)\n")
    assert list(stages_at(ended, stage_of_rule())) == ["between jobs"]


def test_every_rule_that_is_run_has_a_stage() -> None:
    stages = stage_of_rule()
    assert stages["make_toy_test"] == "toy"
    assert stages["render_report"] == "report"
    assert {"frames", "masks", "crops", "training", "evaluation", "exports"} <= set(stages.values())


def test_moments_lie_in_the_run_and_all_over_it() -> None:
    timeline = Timeline(first_s=2.0, finished_s=[4.0, 6.0, 9.0], end_s=10.0)
    moments = draw_moments(timeline, 1000, random.Random(0))
    early = [moment for moment in moments if moment.finished is None]
    later = [moment for moment in moments if moment.finished is not None]
    assert len(early) == pytest.approx(200, abs=50)
    assert all(0 <= moment.seconds <= 2 for moment in early)
    assert later == sorted(later, key=lambda moment: (moment.finished, moment.seconds))
    lengths = {0: 2.0, 1: 2.0, 2: 3.0, 3: 1.0}
    assert {moment.finished for moment in later} == lengths.keys()
    assert all(0 <= moment.seconds <= lengths[moment.finished] for moment in later)
    assert draw_moments(timeline, 3, random.Random(5)) == draw_moments(timeline, 3, random.Random(5))


def test_files_are_compared_but_for_the_clock(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    results = results_of(checkout)
    page = '<h1>{}</h1><section aria-labelledby="resources"><td>{}</td></section>'
    for name, content in {
        "masks/a.parquet": "1",
        "logs/a.log": "1",
        "training/m/tensorboard/events": "1",
        "report/index.html": page.format("figures", "3 s"),
    }.items():
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text(content)
    before = outputs(checkout)
    assert before.keys() == {"masks/a.parquet", "report/index.html"}
    (results / "report/index.html").write_text(page.format("figures", "4 s"))
    assert outputs(checkout) == before
    (results / "report/index.html").write_text(page.format("other figures", "4 s"))
    (results / "masks/.partial-a.parquet").write_text("half")
    assert differences(outputs(checkout), before) == ["masks/.partial-a.parquet", "report/index.html"]

"""Each part of the explorer by clicking in a real browser, on a made-up run: `make test-browser`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.explorer.browser import choose, open_page, open_part, wait_text
from tests.explorer.made import CODED, NAMES, select, write_run
from tests.explorer.served import Explorer
from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.run import RunFolder
from uvis_core.io.corrections import Correction

LASSO = """
() => {
  const plot = document.querySelector(".is-map").querySelector(".nsewdrag").getBoundingClientRect();
  return [plot.left, plot.top, plot.width, plot.height];
}
"""


@pytest.fixture
def explorer(chromium: Any, tmp_path: Path) -> Iterator[Explorer]:
    explorer = Explorer(write_run(tmp_path))
    yield explorer
    explorer.kill()
    assert "Traceback" not in explorer.log.read_text()


@pytest.fixture
def page(chromium: Any, explorer: Explorer) -> Iterator[Any]:
    page = open_page(chromium, explorer)
    yield page
    faults = page.faults
    page.close()
    assert faults == []


def kept(run: RunFolder, settings: LabelsSettings) -> int:
    return sum(int(columns["kept"].sum()) for columns in select(run, settings))


def test_tune(page: Any, explorer: Explorer) -> None:
    run = explorer.run
    wait_text(page, ".is-kept", f"{kept(run, CODED)} kept")
    wait_text(page, ".is-truth", "Against truth: mean F1")
    assert page.locator(".label-card").count() > 4
    assert page.locator("b, i:not(.q-icon)").count() == 0  # Names of classes are no markup.

    page.locator("input.is-value-similarity, .is-value-similarity input").first.fill("0.15")
    tuned = CODED.model_copy(update={"similarity": 0.15})
    wait_text(page, ".is-kept", f"{kept(run, tuned)} kept")
    page.locator(".is-slider-objectness .q-slider__track-container").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    tuned = tuned.model_copy(update={"objectness": 0.4})
    wait_text(page, ".is-kept", f"{kept(run, tuned)} kept")

    page.locator(".is-counts td").filter(has_text=NAMES[1]).first.click()
    page.locator(".is-value-class_score input, input.is-value-class_score").first.fill("0.9")
    tuned = LabelsSettings.model_validate({**tuned.model_dump(), "classes": {NAMES[1]: {"class_score": 0.9}}})
    wait_text(page, ".is-kept", f"{kept(run, tuned)} kept")
    assert kept(run, tuned) != kept(run, tuned.model_copy(update={"classes": {}}))

    page.locator(".is-write").click()
    wait_text(page, ".is-command", "snakemake labels --cores 2 --configfile")
    overlay = yaml.safe_load((run.path / "explorer" / "full.yaml").read_text())["labels"]["variants"]["full"]
    assert LabelsSettings.model_validate(overlay) == tuned


def test_the_optimum_and_the_valley_can_be_taken(page: Any) -> None:
    wait_text(page, ".is-optimum", "take it")
    page.locator(".is-optimum").click()
    wait_text(page, ".is-kept-note", "against the thresholds of the run")
    page.get_by_role("button", name="As the run has them").click()
    wait_text(page, ".is-kept-note", "as with the thresholds of the run")


def test_search(page: Any) -> None:
    open_part(page, "Search", ".is-place")
    wait_text(page, ".is-place", "1–24 of 120")
    page.locator(".is-next-page").click()
    wait_text(page, ".is-place", "25–48 of 120")
    choose(page, ".is-classes", "star")
    page.wait_for_function("() => !document.querySelector('.is-place').innerText.includes('of 120')")
    names = page.locator(".is-label-card .label-name").all_inner_texts()
    assert set(names) == {"star"}
    choose(page, ".is-sort", "distance to the second class")
    wait_text(page, ".score", "margin")
    choose(page, ".is-sort", "disagreement within a track")
    wait_text(page, ".score", "disagrees")
    choose(page, ".is-classes", "star")
    choose(page, ".is-verdicts", "kept")
    page.wait_for_function(
        "() => document.querySelectorAll('.is-label-card .verdict:not(.kept)').length === 0"
    )

    choose(page, ".is-verdicts", "kept")
    page.locator(".is-draw-map").click()
    page.locator(".is-map .nsewdrag").first.wait_for(state="attached")
    page.locator(".is-map").scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    left, top, width, height = page.evaluate(LASSO)
    page.mouse.move(left + 2, top + 2)
    page.mouse.down()
    for x, y in ((0.98, 0.02), (0.98, 0.6), (0.02, 0.6), (0.02, 0.02)):
        page.mouse.move(left + width * x, top + height * y, steps=8)
    page.mouse.up()
    page.locator(".is-drop-lasso").wait_for()
    inside = int(page.locator(".is-place").inner_text().split(" of ")[1].split(";")[0])
    assert 0 < inside < 120
    page.locator(".is-drop-lasso").click()
    wait_text(page, ".is-place", "of 120")


def test_see(page: Any, explorer: Explorer) -> None:
    open_part(page, "See", ".is-picture-0 img")
    source = "() => document.querySelector('.is-picture-0 img').src"
    shown = "() => [...document.querySelectorAll('.picture img')].every((one) => one.complete && one.naturalWidth > 0)"
    page.wait_for_function(shown)
    first = page.evaluate(source)
    page.locator(".is-frame-after").click()
    wait_text(page, ".is-frame-text", "frame 1 of 10")
    page.wait_for_function(f"(before) => ({source})() !== before", arg=first)
    page.locator(".is-play").click()
    page.wait_for_function("() => /frame [5-9] of/.test(document.querySelector('.is-frame-text').innerText)")
    page.locator(".is-play").click()
    choose(page, ".is-layers-1", "all masks")
    page.locator(".is-layers-1").filter(has_text="all masks").wait_for()
    page.locator(".is-next-video").click()
    wait_text(page, ".is-frame-text", "frame 0 of 10")
    page.wait_for_function(shown)

    picture = page.locator(".is-picture-0").bounding_box()
    page.mouse.click(picture["x"] + picture["width"] * 9 / 64, picture["y"] + picture["height"] * 7 / 48)
    page.locator(".is-label-card:visible .is-reject").first.click()
    wait_text(page, ".said", "reject")
    assert [one.verdict for one in explorer.corrections.values()] == ["reject"]


def test_correct(page: Any, explorer: Explorer, chromium: Any) -> None:
    open_part(page, "Correct", ".is-find")
    choose(page, ".is-queue", "least like the prototype")
    page.locator(".is-find").click()
    cards = page.locator(".is-label-card:visible")
    cards.nth(3).wait_for()
    cards.nth(0).locator(".is-accept").click()
    wait_text(page, ".is-corrections", "1 correction")
    cards.nth(1).locator(".is-rename").click()
    page.locator(".is-new-class").click()
    page.locator(".q-menu .q-item").filter(has_text='dog, "big"').click()
    page.locator(".is-do-rename").click()
    wait_text(page, ".is-corrections", "2 corrections")
    for number in (2, 3):
        cards.nth(number).locator(".q-img").click()
    wait_text(page, ".is-selection:visible", "2 chosen")
    page.locator(".is-selection:visible").get_by_role("button", name="Reject").click()
    wait_text(page, ".is-corrections", "4 corrections")
    said = list(explorer.corrections.values())
    assert said == [Correction("accept"), Correction("rename", 'dog, "big"'), *[Correction("reject")] * 2]
    page.locator(".is-undo:visible").first.click()
    wait_text(page, ".is-corrections", "2 corrections")
    page.locator(".is-selection:visible").get_by_role("button", name="Choose none").click()
    page.locator(".is-whole-tracks:visible").click()
    cards.nth(0).locator(".is-reject").click()
    page.wait_for_function("() => document.querySelector('.is-corrections').innerText !== '2 corrections'")
    wait_text(page, ".is-corrections", f"{len(explorer.corrections)} corrections")
    assert list(explorer.corrections.values()).count(Correction("reject")) == 10

    before = explorer.corrections
    explorer.kill()
    explorer.start()
    again = open_page(chromium, explorer)
    open_part(again, "Correct", ".is-find")
    wait_text(again, ".is-corrections", f"{len(before)} corrections")
    wait_text(again, ".is-config-line", str(explorer.run.path / "explorer" / "corrections.csv"))
    again.locator(".is-list tbody .q-checkbox").first.click()
    again.locator(".is-take-back").click()
    wait_text(again, ".is-corrections", f"{len(before) - 1} correction")
    assert len(explorer.corrections) == len(before) - 1
    again.close()


def test_two_pages_tune_apart_and_correct_together(page: Any, explorer: Explorer, chromium: Any) -> None:
    other = open_page(chromium, explorer)
    wait_text(other, ".is-kept", "kept")
    at_first = other.locator(".is-kept").inner_text()
    page.locator(".is-value-similarity input, input.is-value-similarity").first.fill("0")
    wait_text(page, ".is-kept", f"{kept(explorer.run, CODED.model_copy(update={'similarity': 0.0}))} kept")
    assert other.locator(".is-kept").inner_text() == at_first
    other.close()


@pytest.mark.parametrize("stages", [["frames"], ["frames", "masks", "crops"]])
def test_a_run_that_is_half_finished(chromium: Any, tmp_path: Path, stages: list[str]) -> None:
    explorer = Explorer(write_run(tmp_path, stages))
    try:
        page = open_page(chromium, explorer)
        page.locator(".is-picture-0 img").wait_for()
        open_part(page, "Tune", ".is-unavailable-Tune")
        assert "does not have for every shard yet" in page.locator(".is-unavailable-Tune").inner_text()
        page.close()
    finally:
        explorer.kill()

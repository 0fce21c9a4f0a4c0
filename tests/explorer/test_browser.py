"""Each part of the explorer by clicking in a real browser, on a made-up run: `make test-browser`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.explorer.made import CODED, NAMES, SHARDS, select, write_run
from uvis_core.config.base import settings_flags
from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.run import RunFolder
from uvis_core.io.atomic import write_json
from uvis_core.io.corrections import Correction, read_corrections

WAIT_MS = 120_000
LASSO = """
() => {
  const plot = document.querySelector(".is-map").querySelector(".nsewdrag").getBoundingClientRect();
  return [plot.left, plot.top, plot.width, plot.height];
}
"""


class Explorer:
    """A server of its own, and where it is."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = run.path / "explorer.log"
        self.start()

    def start(self) -> None:
        script = [sys.executable, str(ROOT / "scripts" / "explore_results.py"), "--no-browser"]
        command = [*script, "--results", str(self.run.path), "--port", str(self.port)]
        # NiceGUI looks for a test of its own where it finds itself inside of pytest.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment["PYTHONPATH"] = str(ROOT)
        with self.log.open("w") as stream:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
        for _ in range(240):
            assert self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(self.url, timeout=10).close()
                return
            except OSError:
                time.sleep(0.5)
        pytest.fail(self.log.read_text())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def corrections(self) -> dict[int, Correction]:
        return read_corrections(self.run.path / "explorer" / "corrections.csv", NAMES.values())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: make test-browser does it"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


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


def open_page(chromium: Any, explorer: Explorer) -> Any:
    """A browser's page with the explorer on it; what goes wrong there is gathered."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT_MS)
    page.faults = []
    page.on("dialog", lambda dialog: page.faults.append(f"dialog {dialog.message}"))
    page.on("response", lambda answer: page.faults.append(answer.url) if answer.status >= 400 else None)
    page.goto(explorer.url)
    page.wait_for_function("() => window.socket && window.socket.connected")
    return page


def open_part(page: Any, name: str, sign: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.locator(sign).first.wait_for()


def wait_text(page: Any, place: str, text: str) -> None:
    page.locator(place).filter(has_text=text).first.wait_for()


def choose(page: Any, field: str, option: str) -> None:
    """Choose in a field with a list."""
    page.locator(field).click()
    page.locator(".q-menu .q-item").filter(has_text=option).first.click()
    page.keyboard.press("Escape")


def kept(run: RunFolder, settings: LabelsSettings) -> int:
    return sum(int(columns["kept"].sum()) for columns in select(run, settings))


def test_tune(page: Any, explorer: Explorer, chromium: Any) -> None:
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
    rerun_labels(run, LabelsSettings.model_validate(overlay))
    explorer.kill()
    explorer.start()
    again = open_page(chromium, explorer)
    wait_text(again, ".is-kept", f"{kept(run, tuned)} kept")
    wait_text(again, ".is-kept-note", "as with the thresholds of the run")
    again.close()


def rerun_labels(run: RunFolder, settings: LabelsSettings) -> None:
    """What the rule of the labels stage runs for each shard."""
    vocabulary = run.path / "vocabulary.json"
    write_json(vocabulary, {"classes": [{"id": number, "name": name} for number, name in NAMES.items()]})
    tables = run.splits["train"].tables
    for number, shard in enumerate(SHARDS):
        flags = zip(("masks", "crops", "similarities"), ("masks", "crops", "prototypes"), strict=True)
        inputs = [word for flag, stage in flags for word in (f"--{flag}", str(tables[stage][number]))]
        output = run.path / "labels" / "full" / "train" / f"{shard}.parquet"
        rest = ["--vocabulary", str(vocabulary), "--output", str(output), *settings_flags(settings)]
        script = [sys.executable, str(ROOT / "scripts" / "select_labels.py")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([*script, *inputs, *rest], check=True, env=environment, cwd=ROOT, capture_output=True)


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

"""Thresholds tuned and labels corrected by clicking, and made real by the workflow: `make test-browser`."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tests.explorer.browser import open_page, open_part, wait_text
from tests.explorer.served import Explorer
from tests.workflow.conftest import SMALL, Checkout, copy_repository
from uvis_core.explorer.run import open_run
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table

pytestmark = pytest.mark.slow
PRESET = "presets/small.yaml"
RESULTS = "results/small"


@pytest.fixture(scope="module")
def labelled(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A run up to its labels, in a copy of the repository that knows its preset."""
    checkout = copy_repository(tmp_path_factory.mktemp("labelled"))
    (checkout.folder / PRESET).write_text(yaml.safe_dump(SMALL))
    checkout.snakemake("labels", configfile=PRESET)
    return checkout


@pytest.fixture
def explorer(labelled: Checkout) -> Iterator[Explorer]:
    explorer = Explorer(
        open_run(labelled.folder / RESULTS), labelled.folder, environment=labelled.environment()
    )
    yield explorer
    explorer.kill()
    assert "Traceback" not in explorer.log.read_text()


def rows(checkout: Checkout, pattern: str, schema: Any) -> list[dict[str, Any]]:
    """All rows of the tables that match."""
    paths = sorted((checkout.folder / RESULTS).glob(pattern))
    return [row for path in paths for row in read_table(path, schema).to_pylist()]


def samples(checkout: Checkout) -> dict[tuple[str, int], dict[str, int]]:
    """Video and frame -> run lengths -> class, of what is trained on."""
    with pa.OSFile(str(checkout.folder / RESULTS / "labels" / "full" / "train.arrow")) as file:
        table = pa.ipc.open_file(file).read_all().to_pylist()
    return {
        (row["video_id"], row["frame_index"]): dict(zip(row["rle_counts"], row["class_ids"], strict=True))
        for row in table
    }


def number(page: Any) -> int:
    """The labels kept, as the page counts them."""
    found = re.search(r"([\d,]+) kept", page.locator(".is-kept").inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_tuned_threshold_is_rerun_and_counted(
    labelled: Checkout, explorer: Explorer, chromium: Any
) -> None:
    page = open_page(chromium, explorer)
    wait_text(page, ".is-kept-note", "as with the thresholds of the run")
    before, masks = number(page), labelled.bytes_of(f"{RESULTS}/masks/train/*.parquet")
    page.locator(".is-value-similarity input, input.is-value-similarity").first.fill("0.9")
    wait_text(page, ".is-kept-note", "against the thresholds of the run")
    tuned = number(page)
    assert 0 < tuned < before
    page.locator(".is-write").click()
    wait_text(page, ".is-command", "snakemake labels --cores 2 --configfile presets/small.yaml")
    command = shlex.split(page.locator(".is-command").first.inner_text())
    page.close()

    done = subprocess.run(
        command, cwd=labelled.folder, env=labelled.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    kept = sum(row["kept"] for row in rows(labelled, "labels/full/train/*.parquet", LABELS))
    assert kept == tuned
    assert sum(map(len, samples(labelled).values())) == tuned
    assert labelled.bytes_of(f"{RESULTS}/masks/train/*.parquet") == masks
    explorer.kill()
    explorer.start()
    again = open_page(chromium, explorer)
    wait_text(again, ".is-kept-note", "as with the thresholds of the run")
    assert number(again) == tuned
    again.close()


def test_corrections_by_clicking_are_trained_on(
    labelled: Checkout, explorer: Explorer, chromium: Any
) -> None:
    labelled.snakemake("labels", configfile=PRESET)
    before = samples(labelled)
    explorer.kill()
    explorer.start()
    page = open_page(chromium, explorer)
    open_part(page, "Correct", ".is-find")
    page.locator(".is-queue").click()
    page.locator(".q-menu .q-item").filter(has_text="least like the prototype").first.click()
    page.locator(".is-find").click()
    cards = page.locator(".is-label-card:visible")
    cards.nth(1).wait_for()
    cards.nth(0).locator(".is-reject").click()
    wait_text(page, ".is-corrections", "1 correction")
    shown = cards.nth(1).locator(".label-name").inner_text()
    new_id, new_name = next(one for one in explorer.run.class_names.items() if one[1] != shown)
    cards.nth(1).locator(".is-rename").click()
    page.locator(".is-new-class").click()
    page.locator(".q-menu .q-item").get_by_text(new_name, exact=True).click()
    page.locator(".is-do-rename").click()
    wait_text(page, ".is-corrections", "2 corrections")
    line = page.locator(".is-config-line").inner_text()
    page.close()

    labelled.snakemake("labels", configfile=labelled.overlay(**yaml.safe_load(line)))
    rejected, renamed = explorer.corrections
    masks = {row["mask_id"]: row for row in rows(labelled, "masks/*/*.parquet", MASKS)}
    after = samples(labelled)
    for mask_id, class_id in ((rejected, None), (renamed, new_id)):
        frame = masks[mask_id]["video_id"], masks[mask_id]["frame_index"]
        counts = masks[mask_id]["rle_counts"]
        assert before[frame][counts] != class_id
        assert after.get(frame, {}).get(counts) == class_id
    assert sum(map(len, after.values())) == sum(map(len, before.values())) - 1

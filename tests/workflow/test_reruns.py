"""Which rules run again when one thing changes, asserted exactly."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.workflow.conftest import Checkout

pytestmark = pytest.mark.slow

# The labels of the training videos serve two experiments; the baseline links those of the test videos.
AFTER_LABELS = {
    "labels_json": 1,
    "label_quality": 1,
    "training": 1,
    "tracks": 4,
    "tracks_json": 2,
    "evaluation": 2,
    "report": 1,
}
AFTER_CROPS = {
    "prototypes": 1,
    "similarities": 4,
    "labels": 4,
    **AFTER_LABELS,
    "tracks": 6,
    "tracks_json": 3,
    "evaluation": 3,
}


@contextmanager
def appended(path: Path, text: str) -> Iterator[None]:
    """Put a text at the end of a file for the length of a with block."""
    before = path.read_text()
    path.write_text(before + text)
    try:
        yield
    finally:
        path.write_text(before)


def test_finished_run_has_nothing_to_do(finished: Checkout) -> None:
    assert finished.would_run() == {}


def test_tau_reruns_labels_and_what_follows(finished: Checkout) -> None:
    overlay = finished.overlay(labels={"variants": {"full": {"similarity": 0.6}}})
    assert finished.would_run(configfile=overlay) == {"labels": 2, **AFTER_LABELS}


def test_lambda_reruns_its_tracks_and_what_follows(finished: Checkout) -> None:
    overlay = finished.overlay(tracks={"variants": {"memory": {"memory_weight": 0.25}}})
    # Only the variant that was changed: two shards of it, its json, its figures.
    assert finished.would_run(configfile=overlay) == {
        "tracks": 2,
        "tracks_json": 1,
        "evaluation": 1,
        "report": 1,
    }


@pytest.mark.parametrize(
    "module",
    [
        "uvis_core/crops/score.py",
        "uvis_core/io/rle.py",
        "uvis_core/training/loop.py",
        "uvis_core/config/labels.py",
        "scripts/score_crops.py",
    ],
)
def test_comment_reruns_nothing(finished: Checkout, module: str) -> None:
    with appended(finished.folder / module, "\n# A remark.\n"):
        assert finished.would_run() == {}


def test_changed_line_in_crops_reruns_crops_and_what_follows(finished: Checkout) -> None:
    with appended(finished.folder / "uvis_core/crops/score.py", "\nADDED = 1\n"):
        assert finished.would_run() == {"crops": 4, **AFTER_CROPS}


def test_device_and_batch_size_rerun_nothing(finished: Checkout) -> None:
    overlay = finished.overlay(
        compute={"device": "cpu", "workers": 2, "batch_size": {"masks": 3, "crops": 7, "tracks": 2}}
    )
    assert finished.would_run(configfile=overlay) == {}


def test_a_preset_dry_runs_from_nothing(finished: Checkout) -> None:
    jobs = finished.would_run(configfile=finished.overlay(dataset="another"))
    assert jobs["masks"] == jobs["crops"] == jobs["similarities"] == jobs["labels"] == 4
    assert (jobs["frames"], jobs["training"], jobs["report"]) == (4, 1, 1)


def test_the_baseline_alone_trains_nothing(finished: Checkout) -> None:
    # All that its report shows is there, but for the quality of the labels that it links.
    overlay = finished.overlay(run=["deepsort"])
    assert "training" not in finished.would_run(configfile=overlay)
    assert "training" not in finished.would_run(
        configfile=finished.overlay(dataset="another", run=["deepsort"])
    )


def test_tables_need_no_masks_and_no_crops_of_their_own(finished: Checkout) -> None:
    # Six labels variants on three seeds, one model of which is there, and the quality of one variant; seven
    # experiments with a model, two of them there for one seed; the baseline, which trains nothing, is there.
    assert finished.would_run("tables") == {
        "labels": 10,
        "labels_json": 5,
        "training": 17,
        "tracks": 2 * (7 * 3 - 2),
        "tracks_json": 7 * 3 - 2,
        "evaluation": 7 * 3 - 2,
        "label_quality": 5,
        "tables_json": 1,
        "tables_page": 1,
        "tables": 1,
    }


def test_one_more_video_reruns_one_shard(finished: Checkout) -> None:
    folder = finished.folder / "clips"
    folder.mkdir()
    made = sorted((finished.folder / "results/small/toy/train").glob("*.mp4"))
    for number, video in enumerate(made):
        (folder / f"clip-{number}.mp4").write_bytes(video.read_bytes())
    source = {"kind": "videos", "path": "clips", "truth": None}
    overlay = finished.overlay(dataset="clips", sources={"train": source, "test": None})
    # Tables up to the crops are enough to see which shards are touched.
    targets = _crop_tables(finished, overlay)
    finished.snakemake(*targets, configfile=overlay)
    (folder / "clip-new.mp4").write_bytes(made[0].read_bytes())
    assert finished.would_run(*targets, configfile=overlay) == {
        "frames": 1,
        "frames_summary": 1,
        "masks": 1,
        "crops": 1,
    }


def _crop_tables(checkout: Checkout, overlay: str) -> list[str]:
    output = checkout.snakemake("--dry-run", configfile=overlay)
    return sorted(set(re.findall(r"results/clips/crops/train/shard-\d+-of-\d+\.parquet", output)))

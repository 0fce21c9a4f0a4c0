"""Which rules run again when one thing changes, asserted exactly."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.workflow.conftest import Checkout
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.tables import read_table

pytestmark = pytest.mark.slow

# The labels of the training videos serve two experiments; the baseline links those of the test videos.
AFTER_LABELS = {
    "gather_samples": 1,
    "export_labels": 1,
    "evaluate_labels": 1,
    "train_model": 1,
    "track_videos": 4,
    "export_tracks": 2,
    "evaluate_tracks": 2,
    "render_report": 1,
}
AFTER_CROPS = {
    "fit_prototypes": 1,
    "score_similarity": 4,
    "select_labels": 4,
    **AFTER_LABELS,
    "track_videos": 6,
    "export_tracks": 3,
    "evaluate_tracks": 3,
}

STAGES = (
    "frames",
    "masks",
    "crops",
    "prototypes",
    "labels",
    "training",
    "tracks",
    "truth",
    "evaluation",
    "exports",
    "report",
)


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
    assert finished.would_run(configfile=overlay) == {"select_labels": 2, **AFTER_LABELS}


def test_corrections_rerun_labels_and_what_follows(finished: Checkout, tmp_path: Path) -> None:
    checkout = Checkout(shutil.copytree(finished.folder, tmp_path / "corrected", symlinks=True))
    crops = next(checkout.folder.glob("results/small/crops/train/*.parquet"))
    first, second = read_table(crops, CROPS)["mask_id"].to_pylist()[:2]
    corrections = checkout.folder / "corrections.csv"
    corrections.write_text(f"mask_id,verdict,class\n{first},reject,\n")
    overlay = checkout.overlay(labels={"corrections": "corrections.csv"})
    # The labels of the test videos, which the baseline links, are corrected by the same file.
    corrected = {"check_corrections": 1, "select_labels": 4}
    tracked = {"track_videos": 6, "export_tracks": 3, "evaluate_tracks": 3}
    assert checkout.would_run(configfile=overlay) == corrected | AFTER_LABELS | tracked
    checkout.snakemake("labels", configfile=overlay)
    assert checkout.would_run("labels", configfile=overlay) == {}
    tables = [read_table(path, LABELS) for path in checkout.folder.glob("results/small/labels/full/train/*")]
    reasons = {row["mask_id"]: row["reason"] for table in tables for row in table.to_pylist()}
    assert reasons[first] == "rejected by hand"
    corrections.write_text(f"mask_id,verdict,class\n{first},reject,\n{second},accept,\n")
    assert checkout.would_run("labels", configfile=overlay) == corrected | {"gather_samples": 1, "labels": 1}


def test_lambda_reruns_its_tracks_and_what_follows(finished: Checkout) -> None:
    overlay = finished.overlay(tracks={"variants": {"memory": {"memory_weight": 0.25}}})
    # Only the variant that was changed: two shards of it, its export, its figures.
    assert finished.would_run(configfile=overlay) == {
        "track_videos": 2,
        "export_tracks": 1,
        "evaluate_tracks": 1,
        "render_report": 1,
    }


def test_a_threshold_of_one_class_reruns_labels_and_nothing_before(finished: Checkout) -> None:
    overlay = finished.overlay(labels={"variants": {"full": {"classes": {"star": {"similarity": 0.6}}}}})
    assert finished.would_run(configfile=overlay) == {"select_labels": 2, **AFTER_LABELS}


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
        assert finished.would_run() == {"score_crops": 4, **AFTER_CROPS}


def test_device_and_batch_size_rerun_nothing(finished: Checkout) -> None:
    overlay = finished.overlay(
        compute={"device": "cpu", "workers": 2, "batch_size": {"masks": 3, "crops": 7, "tracks": 2}}
    )
    assert finished.would_run(configfile=overlay) == {}


def test_a_preset_dry_runs_from_nothing(finished: Checkout) -> None:
    jobs = finished.would_run(configfile=finished.overlay(dataset="another"))
    assert (
        jobs["generate_masks"]
        == jobs["score_crops"]
        == jobs["score_similarity"]
        == jobs["select_labels"]
        == 4
    )
    assert (jobs["extract_frames"], jobs["train_model"], jobs["render_report"]) == (4, 1, 1)


def test_the_baseline_alone_trains_nothing(finished: Checkout) -> None:
    # All that its report shows is there, but for the quality of the labels that it links.
    overlay = finished.overlay(run=["deepsort"])
    assert "train_model" not in finished.would_run(configfile=overlay)
    assert "train_model" not in finished.would_run(
        configfile=finished.overlay(dataset="another", run=["deepsort"])
    )


def test_tables_need_no_masks_and_no_crops_of_their_own(finished: Checkout) -> None:
    # Six labels variants on three seeds, one model of which is there, and the quality of one variant; seven
    # experiments with a model, two of them there for one seed; the baseline, which trains nothing, is there.
    assert finished.would_run("tables") == {
        "select_labels": 10,
        "gather_samples": 5,
        "train_model": 17,
        "track_videos": 2 * (7 * 3 - 2),
        "evaluate_tracks": 7 * 3 - 2,
        "evaluate_labels": 5,
        "make_tables": 1,
        "render_tables": 1,
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
    # Masks are enough to see which shards are touched.
    finished.snakemake("masks", configfile=overlay)
    (folder / "clip-new.mp4").write_bytes(made[0].read_bytes())
    jobs = {"extract_frames": 1, "check_frames": 1, "generate_masks": 1, "masks": 1}
    assert finished.would_run("masks", configfile=overlay) == jobs


def test_a_replaced_image_reruns_its_shard_and_what_follows(finished: Checkout) -> None:
    """Neither its name nor its size says so: the digest of the shard's files does, and the frames table's own."""
    made = finished.folder / "results/small/images/train"
    for folder in sorted(made.iterdir()):
        shutil.copytree(folder, finished.folder / "pictures" / folder.name)
    source = {"kind": "frame_folders", "path": "pictures", "truth": None}
    overlay = finished.overlay(
        dataset="pictures", sources={"train": source, "test": None}, frames={"stride": None}
    )
    finished.snakemake("masks", configfile=overlay)
    assert finished.would_run("masks", configfile=overlay) == {}
    table = next((finished.folder / "results/pictures/frames/train").glob("shard-*.parquet"))
    before = table.read_bytes()
    image = finished.folder / read_table(table, FRAMES)["path"][0].as_py()
    content = bytearray(image.read_bytes())
    content[-20] ^= 1
    image.write_bytes(content)
    jobs = {"extract_frames": 1, "check_frames": 1, "generate_masks": 1, "masks": 1}
    assert finished.would_run("masks", configfile=overlay) == jobs
    finished.snakemake("masks", configfile=overlay)
    assert table.read_bytes() != before


def test_every_stages_word_is_a_target(finished: Checkout) -> None:
    assert finished.would_run(*STAGES) == {}


def test_another_number_of_shards_names_what_it_leaves_behind(finished: Checkout) -> None:
    overlay = finished.overlay(shards=3)
    output = finished.snakemake("--dry-run", "frames", configfile=overlay)
    assert "of shards that are no longer planned" in output
    assert "shard-00-of-02" in output
    assert "leftovers" in output
    assert finished.would_run() == {}
    assert "no longer planned" not in finished.snakemake("--dry-run")

"""Every preset of a published data set dry-runs on a small fake in its layout, and says what is missing."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.fake_datasets import LAYOUTS, make_dataset, make_davis, make_pictures
from tests.workflow.conftest import Checkout, copy_repository
from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.frames.labelled_split import held_out_videos, video_classes
from uvis_core.frames.plan import shard_name, shard_of

pytestmark = pytest.mark.slow
SHARDS = 4


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository with the fake data sets, and no weights: those are fetched by name."""
    checkout = copy_repository(tmp_path_factory.mktemp("presets"))
    for name in LAYOUTS:
        make_dataset(checkout.folder / "datasets", name)
    make_pictures(checkout.folder / "datasets")
    make_davis(checkout.folder / "datasets")
    return checkout


def expected_shards(annotated: Path) -> dict[str, set[str]]:
    """Split -> its shards, by the rules that the docs give."""
    classes = video_classes(annotated)
    held_out = held_out_videos(classes, LabelledSplitSettings())
    return {
        split: {shard_name(shard_of(video_id, SHARDS), SHARDS) for video_id in videos}
        for split, videos in (("train", classes.keys() - held_out), ("test", held_out))
    }


@pytest.mark.parametrize("name", LAYOUTS)
def test_dry_run_is_complete(checkout: Checkout, name: str) -> None:
    arguments = ("--dry-run", "--config", f"shards={SHARDS}")
    output = checkout.snakemake(*arguments, configfile=f"presets/{name}.yaml")
    expected = expected_shards(checkout.folder / "datasets" / LAYOUTS[name].json)
    for stage in ("frames", "masks", "crops", "prototypes", "labels/full", "labels/unfiltered"):
        for split, shards in expected.items():
            if stage.startswith("labels") and (split == "train") == stage.endswith("unfiltered"):
                continue  # trained on are the filtered labels of train; DeepSORT links the unfiltered ones of test
            made = set(re.findall(rf"output: results/{name}/{stage}/{split}/(shard-\d+-of-\d+)", output))
            assert made == shards, (stage, split)
    for rule, jobs in {
        "read_truth": 2,
        "train_model": 1,
        "export_tracks": 3,
        "evaluate_tracks": 3,
        "evaluate_labels": 1,
        "render_report": 1,
        "fetch_weights": 2,
    }.items():
        assert output.count(f"rule {rule}:") == jobs
    # No job but that of the truth has the annotations as input, and none before evaluation has the truth.
    readers = re.findall(rf"rule (\w+):\n    input: [^\n]*{re.escape(LAYOUTS[name].json)}", output)
    assert readers == ["read_truth"] * 2
    of_truth = re.findall(r"rule (\w+):\n    input: [^\n]*/truth/\w+\.parquet", output)
    assert set(of_truth) == {
        "evaluate_tracks",
        "evaluate_labels",
        "export_labels",
        "export_tracks",
        "render_report",
    }


@pytest.mark.parametrize("name", ["ytvis2019", "ytvis2021", "davis2017"])
def test_videocutler_trains_on_pictures_in_two_stages(checkout: Checkout, name: str) -> None:
    arguments = ("tables", "--dry-run", "--config", f"shards={SHARDS}")
    output = checkout.snakemake(*arguments, configfile=f"presets/videocutler_{name}.yaml")
    counts = {
        rule: output.count(f"rule {rule}:") for rule in ("train_model", "evaluate_tracks", "read_truth")
    }
    assert counts == {"train_model": 2, "evaluate_tracks": 1, "read_truth": 1}
    model = f"results/videocutler_{name}/training/full-{{}}/seed-0/model.safetensors"
    trainings = re.findall(r"rule train_model:\n    input: ([^\n]*)\n    output: ([^\n,]*)", output)
    starts = {made: model.format("image") in read for read, made in trainings}
    assert starts == {model.format("image"): False, model.format("videocutler"): True}


@pytest.mark.parametrize(
    ("name", "missing", "words"),
    [
        ("ytvis2019", "ytvis_2019", ["datasets/ytvis_2019/train.json: no such file", "youtube-vos.org"]),
        ("ytvis2021", "ytvis_2021/train/JPEGImages", ["no such folder", "image_root", "youtube-vos.org"]),
        ("ovis", "ovis/train/9e3779b1", ["images of 1 of 120 videos", "ovis/train/9e3779b1", "songbai.site"]),
    ],
)
def test_what_is_missing_is_named_with_the_fix(
    checkout: Checkout, name: str, missing: str, words: list[str]
) -> None:
    folder = checkout.folder / "datasets" / missing
    folder.rename(checkout.folder / "away")
    try:
        output = checkout.snakemake("--dry-run", configfile=f"presets/{name}.yaml", check=False)
    finally:
        shutil.move(checkout.folder / "away", folder)
    assert "Traceback" not in output
    assert "rule " not in output
    for word in [*words, f"datasets/{missing}", "fix: download", "docs/datasets.md"]:
        assert word in output


def test_what_reruns_the_labelled_split(checkout: Checkout) -> None:
    preset = "presets/ovis.yaml"
    target = "results/ovis/frames/test.json"
    few = ("--config", "shards=1")
    checkout.snakemake(target, *few, configfile=preset)
    summary = json.loads((checkout.folder / target).read_text())
    annotated = checkout.folder / "datasets" / LAYOUTS["ovis"].json
    classes = video_classes(annotated)
    assert summary["videos"] == len(held_out_videos(classes, LabelledSplitSettings()))
    assert summary["failed"] == 0
    assert checkout.would_run(target, *few, configfile=preset) == {}
    # Another time of the same content changes nothing; another seed moves videos.
    annotated.touch()
    assert checkout.would_run(target, *few, configfile=preset) == {}
    seeded = (*few, "sources={split: {seed: 1}}")
    jobs = {"extract_frames": 1, "check_frames": 1}
    assert checkout.would_run(target, *seeded, configfile=preset) == jobs

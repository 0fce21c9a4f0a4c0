"""The preset for real clips: dry run on DAVIS's layout, and a run with small random models that makes every figure."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from tests.workflow.conftest import Checkout, copy_repository, merge
from uvis_core.io.images import write_image
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import read_table
from uvis_core.io.weights import write_state_dict
from uvis_core.vit.transformer import build_vit

pytestmark = pytest.mark.slow
PRESET = "presets/real_clips.yaml"
LEARNERS = ("minvis", "image", "videocutler", "videocutler_minvis", "minvis_videocutler")
TRAINING = {
    "backbone": None,
    "frozen_backbone": False,
    "steps": 3,
    "batch_size": 2,
    "decay_steps": [2],
    "short_sides_px": [64],
    "loss": {"points": 64},
    "model": {
        "embedding_size": 8,
        "hidden_sizes": [8, 8, 16, 16],
        "depths": [1, 1, 1, 1],
        "layer_type": "basic",
        "hidden_dim": 32,
        "mask_dim": 16,
        "heads": 2,
        "encoder_layers": 1,
        "encoder_ffn_dim": 32,
        "decoder_layers": 1,
        "decoder_ffn_dim": 32,
        "queries": 4,
    },
}
TINY = {
    "shards": 1,
    "masks": {
        "weights": "vit.safetensors",
        "objectness_floor": 0.0,
        "maskcut": {"model": "test_vit", "short_side_px": 96, "affinity_threshold": 0.98},
    },
    "crops": {"model": "test_vit", "weights": "vit.safetensors", "input_px": 32},
    "labels": {"variants": {"full": {"objectness": 0.2, "similarity": 0.1}}},
    "training": {"variants": dict.fromkeys(LEARNERS, TRAINING)},
    "tracks": {"variants": {"memory": {"short_side_px": 64}, "minvis": {"short_side_px": 64}}},
    "report": {"clips": 1},
}


def make_clips(folder: Path) -> None:
    """Two clips of a bright square that moves over a textured ground, with its annotations."""
    ground = np.random.default_rng(0).integers(0, 90, (72, 120, 3), dtype=np.uint8)
    for number, clip in enumerate(("bear", "camel")):
        for frame in range(4):
            image, truth = ground.copy(), np.zeros((72, 120), np.uint8)
            place = (slice(20 + 4 * number, 48), slice(30 + 5 * frame, 62 + 5 * frame))
            image[place], truth[place] = 230, 255
            for kind, pixels, suffix in (("JPEGImages", image, "jpg"), ("Annotations", truth, "png")):
                path = folder / kind / "480p" / clip / f"{frame:05d}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_image(path, pixels)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = copy_repository(tmp_path_factory.mktemp("clips"))
    make_clips(checkout.folder / "real_clips")
    torch.manual_seed(0)
    write_state_dict(checkout.folder / "vit.safetensors", build_vit("test_vit").model.state_dict())
    (checkout.folder / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    return checkout


def test_dry_run_is_complete_and_reads_annotations_for_evaluation_alone(checkout: Checkout) -> None:
    output = checkout.snakemake("--dry-run", configfile=PRESET)
    assert "rule embed_vocabulary:" not in output
    for rule, jobs in {
        "read_truth": 1,
        "train_model": 1,
        "export_tracks": 3,
        "evaluate_tracks": 3,
        "render_report": 1,
    }.items():
        assert output.count(f"rule {rule}:") == jobs, rule
    readers = [line for line in output.splitlines() if "real_clips/Annotations" in line]
    assert readers
    assert all("read_truth.py" in line for line in readers)
    missing = checkout.snakemake(
        "--dry-run", "--config", "sources={train: {path: elsewhere}}", configfile=PRESET, check=False
    )
    assert "elsewhere: no such folder" in missing
    assert "Traceback" not in missing


def test_videocutler_stands_beside_minvis_in_the_tables(checkout: Checkout) -> None:
    jobs = checkout.would_run("tables", "--config", "shards=1", configfile=PRESET)
    assert jobs["train_model"] == 5
    assert jobs["track_videos"] == jobs["evaluate_tracks"] == 8


def test_a_run_gives_every_figure(checkout: Checkout) -> None:
    (checkout.folder / "whole.yaml").write_text(
        yaml.safe_dump(merge(yaml.safe_load((checkout.folder / PRESET).read_text()), TINY))
    )
    checkout.snakemake(configfile="whole.yaml")
    results = checkout.folder / "results" / "real_clips"
    for tracks in ("full-minvis-memory", "full-minvis-minvis", "unfiltered-none-deepsort"):
        figures = json.loads((results / "evaluation" / tracks / "seed-0" / "train.json").read_text())
        assert figures["class_agnostic"]
        assert figures["counts"]["truths"] == 2
        for name in ("AP", "J&F", "J", "F"):
            assert 0 <= figures[name] <= 1
    crops = [read_table(path, CROPS).to_pandas() for path in (results / "crops" / "train").glob("*.parquet")]
    assert sum(map(len, crops)) >= 8
    for table in crops:
        assert (table.class_id == 1).all()
        assert (table.class_score == 1).all()
    assert (results / "report" / "index.html").is_file()
    assert checkout.would_run(configfile="whole.yaml") == {}

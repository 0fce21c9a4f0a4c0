import json
import runpy
import sys

import pytest
import torch

from tests.conftest import ROOT
from tests.model.tiny import tiny_model
from tests.predict.conftest import TESTED
from uvis_core.config.predict import PredictSettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.model.checkpoint import save_checkpoint
from uvis_core.predict.model import load_predictor

CPU = torch.device("cpu")


@pytest.fixture
def bare(tmp_path):
    """A converted checkpoint, which knows neither words nor sizes."""
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_model((1, 2)), path)
    return path


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cat\ndog\n")
    return path


def test_a_model_is_used_as_it_was_tested(model):
    predictor = load_predictor(model, PredictSettings(), None, CPU)
    assert predictor.tracks == TracksSettings(**TESTED)
    assert predictor.class_names == {3: "star", 8: "ring"}


def test_what_is_said_comes_before_what_is_kept(model, words):
    said = PredictSettings(tracker="minvis", short_side_px=64, predictions=2)
    predictor = load_predictor(model, said, None, CPU)
    assert predictor.tracks == TracksSettings(
        tracker="minvis", memory_weight=0.25, short_side_px=64, predictions=2
    )
    with pytest.raises(UserError, match=r"no name for the model's classes \[3, 8\]"):
        load_predictor(model, said, words, CPU)


def test_windows_that_do_not_go_on_are_refused(model):
    with pytest.raises(
        UserError, match=r"overlap: 12 frames, but a window has only 8 \(clip_frames\)"
    ) as caught:
        load_predictor(model, PredictSettings(tracker="clip", clip_frames=8), None, CPU)
    assert "set overlap to 7 or less" in caught.value.fix


@pytest.mark.parametrize(("side", "named"), [(None, "--short-side-px, --vocabulary"), (32, "--vocabulary")])
def test_a_model_that_says_nothing_needs_flags(bare, side, named):
    with pytest.raises(UserError) as caught:
        load_predictor(bare, PredictSettings(short_side_px=side), None, CPU)
    assert caught.value.message.endswith(f"not given: {named}")


def test_with_its_flags_it_is_used(bare, words):
    predictor = load_predictor(bare, PredictSettings(short_side_px=32), words, CPU)
    assert predictor.class_names == {1: "cat", 2: "dog"}
    assert predictor.tracks == TracksSettings(short_side_px=32)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such checkpoint"):
        load_predictor(tmp_path / "model.safetensors", PredictSettings(), None, CPU)


def test_what_is_kept_is_checked(model, tmp_path):
    config = json.loads(model.with_name("config.json").read_text())
    config["uvis"]["usage"]["tracks"]["memory_weight"] = 3
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(model.read_bytes())
    with pytest.raises(UserError, match="memory_weight"):
        load_predictor(tmp_path / "model.safetensors", PredictSettings(), None, CPU)


def test_by_hand(model, videos, tmp_path, monkeypatch, caplog):
    arguments = ["--model", model, "--videos", videos / "more", "--output", tmp_path, "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["predict_videos.py", *map(str, arguments)])
    runpy.run_path(str(ROOT / "scripts" / "predict_videos.py"), run_name="__main__")
    assert (tmp_path / "overlays" / "two.mp4").is_file()
    monkeypatch.setattr(sys, "argv", [*sys.argv[:3], "--videos", "0", "--output", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(ROOT / "scripts" / "predict_videos.py"), run_name="__main__")
    assert caught.value.code == 1
    assert "0: a camera" in caplog.text

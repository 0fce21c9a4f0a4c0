import json

import numpy as np
import pytest
import torch

from tests.conftest import GOLDENS
from uvis_core.io.errors import UserError
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.model.conversion import convert_minvis
from uvis_core.model.minvis import frame_outputs

GOLDEN = GOLDENS / "minvis" / "small"


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    convert_minvis(GOLDEN / "checkpoint.pth", folder)
    return folder / "model.safetensors"


def test_sizes_are_read_off_the_checkpoint(converted):
    model = load_checkpoint(converted)
    assert model.class_ids == tuple(range(1, 41))
    assert model.settings.queries == 20
    assert (model.settings.encoder_layers, model.settings.decoder_layers) == (2, 3)
    assert model.settings.depths == (3, 4, 6, 3)
    assert model.settings.heads == 8


@pytest.mark.parametrize(
    ("field", "array"),
    [
        ("class_logits", "logits_per_frame"),
        ("mask_logits", "mask_logits_per_frame"),
        ("embeddings", "query_embeddings_per_frame"),
    ],
)
def test_frames_come_out_as_minvis_has_them(converted, field, array):
    frames = torch.from_numpy(np.load(GOLDEN / "frames.npz")["frames"]).permute(0, 3, 1, 2)
    expected = np.load(GOLDEN / "expected.npz")[array]
    found = getattr(frame_outputs(load_checkpoint(converted), list(frames)), field).numpy()
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("removed", r"1 missing: sem_seg_head\.predictor\.decoder_norm\.weight"),
        ("renamed", r"1 unexpected: sem_seg_head\.predictor\.decoder_normal\.weight"),
        ("reshaped", r"sem_seg_head\.predictor\.decoder_norm\.weight \(63,\)"),
    ],
)
def test_checkpoint_that_does_not_fit_is_refused_by_name(tmp_path, fault, named):
    state = torch.load(GOLDEN / "checkpoint.pth", weights_only=True)["model"]
    name = "sem_seg_head.predictor.decoder_norm.weight"
    value = state.pop(name)
    if fault == "renamed":
        state["sem_seg_head.predictor.decoder_normal.weight"] = value
    elif fault == "reshaped":
        state[name] = value[:-1]
    torch.save({"model": state}, tmp_path / "bad.pth")
    with pytest.raises(UserError, match=named):
        convert_minvis(tmp_path / "bad.pth", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_checkpoint_of_something_else_is_refused(tmp_path):
    torch.save({"model": {"stem.weight": torch.zeros(1)}}, tmp_path / "other.pth")
    with pytest.raises(UserError, match="is no MinVIS or VideoCutLER R50 checkpoint"):
        convert_minvis(tmp_path / "other.pth", tmp_path / "out")


def test_class_ids_are_counted(tmp_path):
    with pytest.raises(UserError, match="has 40 classes, but 2"):
        convert_minvis(GOLDEN / "checkpoint.pth", tmp_path, [1, 2])


def test_class_ids_are_stored(tmp_path):
    ids = list(range(100, 140))
    convert_minvis(GOLDEN / "checkpoint.pth", tmp_path, ids)
    assert json.loads((tmp_path / "config.json").read_text())["uvis"]["class_ids"] == ids


def test_joint_projections_are_named_as_in_the_file(tmp_path):
    state = torch.load(GOLDEN / "checkpoint.pth", weights_only=True)["model"]
    name = "sem_seg_head.predictor.transformer_self_attention_layers.1.self_attn.in_proj_bias"
    del state[name]
    torch.save({"model": state}, tmp_path / "bad.pth")
    with pytest.raises(UserError, match=f"1 missing: {name}"):
        convert_minvis(tmp_path / "bad.pth", tmp_path / "out")

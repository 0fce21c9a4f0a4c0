"""VideoCutLER's case: that it is read without running code and fits together."""

import json

import numpy as np
import pytest
import torch

from tests.conftest import GOLDENS
from uvis_core.io.rle import decode_masks

CASE = GOLDENS / "videocutler" / "small"


def arrays(name):
    with np.load(CASE / name, allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


@pytest.fixture(scope="module")
def expected():
    return json.loads((CASE / "expected.json").read_text())


def test_sizes_are_those_of_the_checkpoint(expected):
    state = torch.load(CASE / "checkpoint.pth", weights_only=True)["model"]
    sizes = expected["model"]
    head = "sem_seg_head.predictor"
    assert state["backbone.stem.conv1.weight"].shape == (sizes["stem"], 3, 7, 7)
    assert state[f"{head}.query_feat.weight"].shape == (sizes["q"], sizes["hid"])
    assert state[f"{head}.class_embed.weight"].shape == (sizes["classes"] + 1, sizes["hid"])
    assert state[f"{head}.mask_embed.layers.2.weight"].shape == (sizes["mask"], sizes["hid"])
    assert state[f"{head}.transformer_ffn_layers.{sizes['dec'] - 1}.linear1.weight"].shape[0] == sizes["ff"]
    assert f"{head}.transformer_ffn_layers.{sizes['dec']}.linear1.weight" not in state
    assert f"sem_seg_head.pixel_decoder.transformer.encoder.layers.{sizes['enc'] - 1}.norm1.bias" in state
    assert f"sem_seg_head.pixel_decoder.transformer.encoder.layers.{sizes['enc']}.norm1.bias" not in state


def test_outputs_are_of_the_clip_and_the_model(expected):
    sizes, outputs = expected["model"], arrays("expected.npz")
    frames = arrays("frames.npz")["frames"]
    layers, queries, width, length = sizes["dec"] + 1, sizes["q"], sizes["hid"], len(frames)
    assert (frames.dtype, frames.shape) == (np.uint8, (5, 90, 118, 3))
    assert {name: array.shape for name, array in outputs.items()} == {
        "class_logits": (queries, 2),
        "mask_logits": (queries, length, 24, 32),
        "query_embeddings": (queries, width),
        "class_logits_per_layer": (layers, queries, 2),
        "mask_mean_per_layer": (layers, queries, length),
        "position_stride32": (length, width, 3, 4),
    }
    assert np.array_equal(outputs["class_logits"], outputs["class_logits_per_layer"][-1])


def test_tracks_are_of_the_outputs(expected):
    height, width = expected["output_height"], expected["output_width"]
    scores = torch.from_numpy(arrays("expected.npz")["class_logits"]).softmax(1)[:, 0].numpy()
    order = np.argsort(-scores)[:10]
    assert [track["query"] for track in expected["top10"]] == order.tolist()
    assert [track["score"] for track in expected["top10"]] == pytest.approx(scores[order], abs=1e-6)
    for track in expected["top10"]:
        assert [one["size"] for one in track["segmentations"]] == [[height, width]] * 5
        masks = decode_masks([one["counts"] for one in track["segmentations"]], height, width)
        assert masks.shape == (5, height, width)


@pytest.mark.parametrize(("name", "clips"), [("loss.npz", 1), ("loss_two_clips.npz", 2)])
def test_losses_are_of_the_clips_and_the_model(expected, name, clips):
    sizes, case = expected["model"], arrays(name)
    layers = sizes["dec"] + 1
    for clip in range(clips):
        frames, masks, ids = (case[f"{kind}_{clip}"] for kind in ("frames", "masks", "ids"))
        assert frames.shape == (2, *masks.shape[2:], 3)
        assert (masks.shape[2:] <= case["padded_size"]).all()
        assert np.array_equal(ids == -1, ~masks.any(axis=(2, 3)))
    assert f"frames_{clips}" not in case
    assert case["class_logits"].shape == (layers, clips, sizes["q"], sizes["classes"] + 1)
    assert case["matching_points"].shape[:2] == (layers, clips)
    assert case["loss_points"].shape[:2] == (layers, 2 * case["matched_queries"].shape[1])
    terms = np.stack([case["loss_ce"], case["loss_mask"], case["loss_dice"]])
    assert (case["loss_weights"] @ terms).sum() == pytest.approx(float(case["total"]), rel=1e-6)

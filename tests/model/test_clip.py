import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.conftest import GOLDENS
from tests.model.tiny import TINY, tiny_model
from uvis_core.io.rle import decode_masks
from uvis_core.model import clip
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.model.clip import ClipModel, clip_outputs, clip_positions
from uvis_core.model.conversion import convert_minvis
from uvis_core.model.images import batch_images

GOLDEN = GOLDENS / "videocutler" / "small"


@pytest.fixture(scope="module")
def reference():
    """VideoCutLER's model of the reference case under this project's names."""
    return {name: np.load(GOLDEN / f"{name}.npz") for name in ("frames", "expected")}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    convert_minvis(GOLDEN / "checkpoint.pth", folder)
    return load_checkpoint(folder / "model.safetensors")


@pytest.fixture(scope="module")
def frames(reference):
    return torch.from_numpy(reference["frames"]["frames"]).permute(0, 3, 1, 2)


@pytest.fixture(scope="module")
def found(model, frames):
    return clip_outputs(model, frames)


@pytest.mark.parametrize(
    ("field", "array", "tolerance"),
    [
        ("class_logits", "class_logits", 1e-4),
        ("mask_logits", "mask_logits", 1e-3),
        ("embeddings", "query_embeddings", 1e-4),
    ],
)
def test_a_clip_comes_out_as_videocutler_has_it(reference, found, field, array, tolerance):
    expected = reference["expected"][array]
    assert getattr(found, field).shape == expected.shape
    assert np.abs(getattr(found, field).numpy() - expected).max() < tolerance


def test_every_layer_is_as_videocutler_has_it(reference, model, frames):
    images = batch_images(list(frames), torch.device("cpu"))
    with torch.no_grad():
        layers = ClipModel(model)(images[None])
    expected = reference["expected"]
    classes = torch.cat(layers.class_logits).numpy()
    masks = torch.cat(layers.mask_logits).mean((3, 4)).numpy()
    assert np.abs(classes - expected["class_logits_per_layer"]).max() < 1e-4
    assert np.abs(masks - expected["mask_mean_per_layer"]).max() < 1e-3


def test_positions_are_in_time_and_space(reference):
    expected = reference["expected"]["position_stride32"]
    length, width, height, columns = expected.shape
    positions = clip_positions(length, torch.zeros((2, width, height, columns)))
    assert np.abs(positions.numpy() - expected).max() < 1e-5


def test_the_ten_tracks_are_those_of_videocutler(found):
    """The handful of pixels that other kernels moved, of 1.6 million, and no more."""
    expected = json.loads((GOLDEN / "expected.json").read_text())
    height, width = expected["output_height"], expected["output_width"]
    scores = found.class_logits.softmax(-1)[:, 0]
    best = scores.argsort(descending=True)[:10]
    assert best.tolist() == [track["query"] for track in expected["top10"]]
    assert scores[best].tolist() == pytest.approx([track["score"] for track in expected["top10"]], abs=1e-5)
    differing = 0
    for query, track in zip(best, expected["top10"], strict=True):
        padded = functional.interpolate(found.mask_logits[query][None], scale_factor=4, mode="bilinear")
        inside = padded[..., :90, :118]
        masks = functional.interpolate(inside, size=(height, width), mode="bilinear")[0] > 0
        counts = [one["counts"] for one in track["segmentations"]]
        differing += int((masks.numpy() != decode_masks(counts, height, width)).sum())
    assert differing < 10


def random_clips(batch, length):
    return torch.randn((batch, length, 3, 64, 96), generator=torch.Generator().manual_seed(0))


def test_all_layers_of_clips_have_their_shapes():
    outputs = ClipModel(tiny_model((1, 2, 7)))(random_clips(2, 3))
    assert len(outputs.class_logits) == len(outputs.mask_logits) == TINY.decoder_layers + 1
    assert {tuple(logits.shape) for logits in outputs.class_logits} == {(2, 5, 4)}
    assert {tuple(logits.shape) for logits in outputs.mask_logits} == {(2, 5, 3, 16, 24)}
    assert outputs.embeddings.shape == (2, 5, TINY.hidden_dim)


def test_a_clip_does_not_depend_on_its_companions():
    model, clips = ClipModel(tiny_model()), random_clips(2, 3)
    with torch.no_grad():
        together, alone = model(clips), model(clips[1:])
    torch.testing.assert_close(together.mask_logits[-1][1:], alone.mask_logits[-1], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(together.class_logits[-1][1:], alone.class_logits[-1], rtol=1e-4, atol=1e-4)


def test_a_frame_counts_for_its_clip_and_its_place_in_it():
    model, clips = ClipModel(tiny_model()), random_clips(1, 3)
    other = clips.clone()
    other[0, 2] = 0
    with torch.no_grad():
        first, changed, turned = (model(one).class_logits[-1] for one in (clips, other, clips.flip(1)))
    assert (first - changed).abs().max() > 1e-3
    assert (first - turned).abs().max() > 1e-3


def test_only_a_query_blocked_everywhere_is_freed(monkeypatch):
    """A mask that is empty in one frame keeps the query from looking there."""
    model, seen = tiny_model(), []
    decoder = model.network.model.transformer_module.decoder
    shape = (1, 5, 2 * 16, 24)

    def predict(hidden, canvas, size):
        blocked = torch.zeros((TINY.heads, 5, *size), dtype=torch.bool)
        blocked[:, 0] = True
        blocked[:, 1, : size[0] // 2] = True
        return torch.zeros(shape), blocked.flatten(2)

    decoder.layers[0].register_forward_pre_hook(
        lambda module, inputs, options: seen.append(options["encoder_attention_mask"]), with_kwargs=True
    )
    monkeypatch.setattr(decoder.mask_predictor, "forward", predict)
    with torch.no_grad():
        ClipModel(model)(random_clips(1, 2))
    (blocked,) = seen
    assert not blocked[:, 0].any()
    half = blocked.shape[2] // 2
    assert blocked[:, 1, :half].all()
    assert not blocked[:, 1, half:].any()


def test_frames_at_a_time_change_nothing(monkeypatch, model, frames, found):
    monkeypatch.setattr(clip, "FRAMES_AT_ONCE", 2)
    for first, second in zip(clip_outputs(model, frames), found, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-3)


def test_every_parameter_of_the_network_learns_from_clips():
    model = tiny_model(frozen_backbone=False).train()
    outputs = ClipModel(model)(random_clips(1, 2))
    (sum(logits.sum() for logits in outputs.class_logits) + outputs.mask_logits[-1].sum()).backward()
    learning = [value for value in model.network.parameters() if value.requires_grad]
    assert all(value.grad is not None for value in learning)

"""VideoCutLER's losses, matches and gradients on its reference case, computed by this project's model and criterion."""

from typing import NamedTuple

import numpy as np
import pytest
import torch

from tests.conftest import GOLDENS
from uvis_core.config.training import LossSettings
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.model.clip import ClipModel
from uvis_core.model.conversion import convert_minvis
from uvis_core.model.minvis import LayerOutputs
from uvis_core.training import criterion
from uvis_core.training.criterion import set_losses
from uvis_core.training.dataset import Sample
from uvis_core.training.matcher import Targets, match_queries
from uvis_core.training.points import Points
from uvis_core.training.recipes import network_input, padded_targets

GOLDEN = GOLDENS / "videocutler" / "small"
CPU = torch.device("cpu")


class Case(NamedTuple):
    """A training batch of the reference, and what this project's model says of it."""

    arrays: dict[str, np.ndarray]
    outputs: LayerOutputs
    targets: Targets
    settings: LossSettings


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    convert_minvis(GOLDEN / "checkpoint.pth", folder)
    model = load_checkpoint(folder / "model.safetensors")
    model.frozen_backbone = False
    for name, parameter in model.network.named_parameters():
        parameter.requires_grad_("normalization" not in name)
    return model.train()


def samples_of(arrays):
    """The clips of a batch as a data set gives them, tracks that are nowhere included."""
    clips = sum(name.startswith("frames_") for name in arrays)
    for clip in range(clips):
        masks = torch.from_numpy(arrays[f"masks_{clip}"]).to(torch.uint8)
        frames = torch.from_numpy(arrays[f"frames_{clip}"]).permute(0, 3, 1, 2)
        yield Sample(clip, "", frames, masks, torch.zeros(len(masks), dtype=torch.int64))


def load_case(model, name):
    with np.load(GOLDEN / name) as stored:
        arrays = {name: stored[name] for name in stored.files}
    samples, size = list(samples_of(arrays)), tuple(int(side) for side in arrays["padded_size"])
    settings = LossSettings(
        points=arrays["matching_points"].shape[2], no_object_weight=float(arrays["no_object_weight"])
    )
    weights = settings.class_weight, settings.mask_weight, settings.dice_weight
    assert weights == tuple(arrays["loss_weights"])
    outputs = ClipModel(model)(network_input(samples, size, CPU))
    return Case(arrays, outputs, padded_targets(samples, size, CPU), settings)


@pytest.fixture(scope="module", params=["loss.npz", "loss_two_clips.npz"])
def case(request, model):
    return load_case(model, request.param)


def test_training_outputs_are_those_of_videocutler(case):
    classes = torch.stack(case.outputs.class_logits).detach().numpy()
    assert np.abs(classes - case.arrays["class_logits"]).max() < 1e-4
    if "mask_logits" in case.arrays:
        masks = torch.stack(case.outputs.mask_logits).detach().numpy()
        assert np.abs(masks - case.arrays["mask_logits"]).max() < 1e-3


def test_a_track_without_any_pixel_is_no_target(case):
    given = sum(len(sample.masks) for sample in samples_of(case.arrays))
    assert sum(case.targets.counts) == case.arrays["matched_queries"].shape[1] <= given
    assert case.targets.masks.flatten(1).any(1).all()
    # A frame in which an object is absent stays, and is empty.
    assert not case.targets.masks.flatten(2).any(2).all()


def test_matches_are_those_of_videocutler(case):
    starts = np.concatenate([[0], np.cumsum(case.targets.counts)])
    for layer, points in enumerate(case.arrays["matching_points"]):
        matches = match_queries(
            case.outputs.class_logits[layer : layer + 1],
            case.outputs.mask_logits[layer : layer + 1],
            case.targets,
            torch.from_numpy(points),
            case.settings,
        )
        clips = case.arrays["matched_clips"][layer]
        assert matches.image[0].tolist() == clips.tolist()
        assert matches.query[0].tolist() == case.arrays["matched_queries"][layer].tolist()
        assert (
            matches.instance[0].tolist() == (starts[clips] + case.arrays["matched_targets"][layer]).tolist()
        )


def points_of(case, layer, candidates, uniform):
    """The reference's draws, given per matched pair and frame, by instance and frame."""
    starts = np.concatenate([[0], np.cumsum(case.targets.counts)])
    arrays = case.arrays
    instances = starts[arrays["matched_clips"][layer]] + arrays["matched_targets"][layer]
    length = case.targets.masks.shape[1]
    rows = (instances[:, None] * length + np.arange(length)).ravel()
    by_row = [torch.from_numpy(part[layer][np.argsort(rows)]) for part in (candidates, uniform)]
    return Points(torch.from_numpy(arrays["matching_points"][layer]), *by_row)


def losses_of(case, monkeypatch, candidates, uniform):
    """Losses of all layers, each with the reference's own points; this project's layers share theirs."""
    found = []
    for layer in range(len(case.outputs.class_logits)):
        points = points_of(case, layer, candidates, uniform)
        monkeypatch.setattr(criterion, "draw_points", lambda *_arguments, points=points: points)
        one = LayerOutputs(
            case.outputs.class_logits[layer : layer + 1],
            case.outputs.mask_logits[layer : layer + 1],
            case.outputs.embeddings,
        )
        found.append(set_losses(one, case.targets, 0, range(len(case.targets.counts)), case.settings))
    return found


def check_losses(case, losses):
    for name, array in (("classes", "loss_ce"), ("masks", "loss_mask"), ("dice", "loss_dice")):
        found = [getattr(layer, name).item() for layer in losses]
        assert np.abs(np.array(found) - case.arrays[array]).max() < 1e-5, name
    total = sum(layer.total for layer in losses)
    assert total.item() == pytest.approx(float(case.arrays["total"]), abs=1e-4)


def test_points_chosen_for_uncertainty_give_the_same_losses(model, monkeypatch):
    case = load_case(model, "loss.npz")
    losses = losses_of(case, monkeypatch, case.arrays["candidate_points"], case.arrays["random_points"])
    check_losses(case, losses)


def test_losses_and_gradients_are_those_of_videocutler(case, model, monkeypatch):
    points = case.arrays["loss_points"]
    losses = losses_of(case, monkeypatch, points, points[:, :, :0])
    check_losses(case, losses)
    model.zero_grad()
    sum(layer.total for layer in losses).backward(retain_graph=True)
    network = model.network
    pixel_level = network.model.pixel_level_module
    parameters = {
        "grad_query_feat": network.model.transformer_module.queries_features.weight,
        "grad_class_embed": network.class_predictor.weight,
        "grad_mask_features": pixel_level.decoder.mask_projection.weight,
        "grad_stem": pixel_level.encoder.embedder.embedder.convolution.weight,
    }
    for name, parameter in parameters.items():
        expected = case.arrays[name]
        found = parameter.grad.numpy().reshape(expected.shape)
        assert np.linalg.norm(found - expected) < 1e-4 * np.linalg.norm(expected), name

import pytest
import torch

from tests.model.tiny import tiny_model
from uvis_core.training.optimiser import make_optimiser, rate_factor, set_learning_rate


def names_of(model, optimiser):
    names = {id(value): name for name, value in model.network.named_parameters()}
    return {
        (group["full_rate"], group["weight_decay"]): {names[id(value)] for value in group["params"]}
        for group in optimiser.param_groups
    }


def test_norms_and_embeddings_do_not_decay(settings):
    model = tiny_model()
    groups = names_of(model, make_optimiser(model, settings))
    undecayed, decayed = (
        groups[settings.learning_rate, 0.0],
        groups[settings.learning_rate, settings.weight_decay],
    )
    assert "model.transformer_module.queries_embedder.weight" in undecayed
    assert "model.pixel_level_module.decoder.level_embed" in undecayed
    assert "model.transformer_module.decoder.layernorm.bias" in undecayed
    assert "model.pixel_level_module.decoder.input_projections.0.1.weight" in undecayed
    assert "class_predictor.bias" in decayed
    assert not any("pixel_level_module.encoder" in name for name in undecayed | decayed)


def test_free_backbone_learns_slower(settings):
    model = tiny_model(frozen_backbone=False)
    groups = names_of(model, make_optimiser(model, settings))
    slow = groups[settings.learning_rate * 0.1, settings.weight_decay]
    assert "model.pixel_level_module.encoder.embedder.embedder.convolution.weight" in slow
    assert all("pixel_level_module.encoder" in name for name in slow)


@pytest.mark.parametrize(("step", "factor"), [(0, 0.5), (1, 1.0), (3, 1.0), (4, 0.1), (5, 0.1)])
def test_schedule(settings, step, factor):
    assert rate_factor(step, settings) == pytest.approx(factor)


def test_rate_reaches_every_group(settings):
    optimiser = make_optimiser(tiny_model(frozen_backbone=False), settings)
    set_learning_rate(optimiser, 0.5)
    assert {group["lr"] for group in optimiser.param_groups} == {
        settings.learning_rate * 0.5,
        settings.learning_rate * 0.05,
    }
    assert isinstance(optimiser, torch.optim.AdamW)

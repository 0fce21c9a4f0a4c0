import pytest
import torch
from torch import nn

from tests.model.tiny import TINY, tiny_model
from uvis_core.model import winograd
from uvis_core.model.clip import ClipModel, clip_outputs
from uvis_core.model.images import batch_images
from uvis_core.model.inference import for_inference
from uvis_core.model.minvis import frame_outputs

CPU = torch.device("cpu")


def seen_model():
    """A model whose batch normalisation has seen something, so that one that got lost would show."""
    model = tiny_model((1, 2, 7), seed=1)
    generator = torch.Generator().manual_seed(0)
    for module in model.backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value, least in (
                (module.running_mean, -0.2),
                (module.running_var, 0.8),
                (module.weight, 0.8),
                (module.bias, -0.2),
            ):
                value.detach().copy_(least + 0.4 * torch.rand(value.shape, generator=generator))
    return model


@pytest.fixture(scope="module")
def images():
    return torch.randint(
        0, 256, (3, 3, 70, 100), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_frames_come_out_as_in_training(images, monkeypatch, precision):
    # So that convolutions of the tiny model are replaced too.
    monkeypatch.setattr(winograd, "FEWEST_CHANNELS", 8)
    with torch.no_grad():
        expected = seen_model()(batch_images(list(images), CPU))
    model = for_inference(seen_model(), CPU, precision)
    replaced = [module for module in model.modules() if isinstance(module, winograd.WinogradConv2d)]
    assert bool(replaced) is (precision == "fp32")
    found = frame_outputs(model, list(images))
    torch.testing.assert_close(found.class_logits, expected.class_logits[-1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.mask_logits, expected.mask_logits[-1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.embeddings, expected.embeddings, rtol=1e-4, atol=1e-5)


def test_clips_come_out_as_in_training(images):
    with torch.no_grad():
        expected = ClipModel(seen_model())(batch_images(list(images), CPU)[None])
    found = clip_outputs(for_inference(seen_model(), CPU), images)
    torch.testing.assert_close(found.class_logits, expected.class_logits[-1][0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.mask_logits, expected.mask_logits[-1][0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.embeddings, expected.embeddings[0], rtol=1e-4, atol=1e-5)


def test_nothing_is_normalised_any_more():
    model = for_inference(seen_model(), CPU)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in model.backbone.modules())
    assert not any(value.requires_grad for value in model.parameters())


def test_a_query_whose_mask_is_empty_looks_everywhere(images):
    model, seen = for_inference(tiny_model(), CPU), []
    module = model.network.model.transformer_module
    module.decoder.layers[0].register_forward_pre_hook(
        lambda module, inputs, options: seen.append(options["encoder_attention_mask"]), with_kwargs=True
    )
    embedder = module.decoder.mask_predictor.mask_embedder
    # Mask features are positive after this, and the first query's mask is below zero everywhere.
    features = model.network.model.pixel_level_module.decoder.mask_projection
    nn.init.zeros_(features.weight)
    nn.init.ones_(features.bias)
    signs = torch.tensor([-1.0, 1.0, 1.0, -1.0, 1.0])[None, :, None]
    embedder.register_forward_hook(lambda module, inputs, output: signs * torch.ones_like(output))
    frame_outputs(model, list(images[:1]))
    (blocked,) = seen
    assert blocked.shape[:2] == (TINY.heads, TINY.queries)
    assert not blocked.any()

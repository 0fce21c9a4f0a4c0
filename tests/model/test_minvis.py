import pytest
import torch
from pydantic import ValidationError
from torch import nn

from tests.model.tiny import TINY, tiny_model
from uvis_core.config.model import ModelSettings
from uvis_core.model.minvis import MinVIS, frame_outputs, placed


@pytest.fixture(scope="module")
def images():
    return list(
        torch.randint(0, 256, (2, 3, 40, 60), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    )


def test_every_decoder_layer_and_the_initial_queries_are_supervised(images):
    model = tiny_model((1, 2, 7))
    outputs = model(torch.zeros((2, 3, 64, 96)))
    assert len(outputs.class_logits) == len(outputs.mask_logits) == TINY.decoder_layers + 1
    assert {tuple(logits.shape) for logits in outputs.class_logits} == {(2, 5, 4)}
    assert {tuple(logits.shape) for logits in outputs.mask_logits} == {(2, 5, 16, 24)}
    assert outputs.embeddings.shape == (2, 5, TINY.hidden_dim)


def test_default_is_minvis_r50():
    with torch.device("meta"):
        model = MinVIS(ModelSettings(), range(40))
    decoder = model.network.model.transformer_module.decoder
    assert len(decoder.layers) == 9
    assert len(model.network.model.pixel_level_module.decoder.encoder.layers) == 6
    assert model.network.class_predictor.weight.shape == (41, 256)
    backbone = sum(value.numel() for value in model.backbone.parameters())
    assert backbone == 23_508_032  # torchvision's ResNet-50 without its classifier


def test_frame_does_not_depend_on_its_companions(images):
    model = tiny_model()
    together, alone = frame_outputs(model, images), frame_outputs(model, images[1:])
    for first, second in zip(together, alone, strict=True):
        torch.testing.assert_close(first[1:], second, rtol=1e-4, atol=1e-5)


def test_frozen_backbone_gets_no_gradients():
    model = tiny_model().train()
    outputs = model(torch.randn((1, 3, 64, 64)))
    (sum(logits.sum() for logits in outputs.class_logits) + outputs.mask_logits[-1].sum()).backward()
    assert all(value.grad is None and not value.requires_grad for value in model.backbone.parameters())
    rest = [
        value for name, value in model.network.named_parameters() if "pixel_level_module.encoder" not in name
    ]
    assert all(value.grad is not None for value in rest)


def test_free_backbone_learns_with_fixed_batch_normalisation():
    model = tiny_model(frozen_backbone=False).train()
    norms = [module for module in model.backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    before = norms[0].running_mean.clone()
    model(torch.randn((1, 3, 64, 64))).mask_logits[-1].sum().backward()
    convolutions = [module for module in model.backbone.modules() if isinstance(module, nn.Conv2d)]
    assert all(module.weight.grad is not None for module in convolutions)
    assert all(module.weight.grad is None and not module.training for module in norms)
    assert torch.equal(norms[0].running_mean, before)


def test_pixel_decoder_stays_in_float32_under_bf16():
    model = tiny_model().train()
    seen = {}
    model.network.model.pixel_level_module.decoder.register_forward_hook(
        lambda module, inputs, output: seen.update(pixels=output.mask_features.dtype)
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = model(torch.randn((1, 3, 64, 64)))
    assert seen["pixels"] == torch.float32
    assert outputs.class_logits[-1].dtype == torch.bfloat16


@pytest.mark.parametrize(
    "values", [{"hidden_dim": 48}, {"hidden_dim": 64, "heads": 3}, {"layer_type": "dense"}]
)
def test_sizes_that_cannot_be_are_refused(values):
    with pytest.raises(ValidationError):
        ModelSettings(**values)


def test_queries_without_learned_content_start_empty_and_stay_so():
    torch.manual_seed(0)
    model = MinVIS(TINY.model_copy(update={"learned_query_content": False}), (1,), frozen_backbone=True)
    content = model.network.model.transformer_module.queries_features.weight
    assert not content.any()
    assert not content.requires_grad
    # Told apart by position alone, they are all alike before the first layer has looked at the frame.
    outputs = model(torch.randn(1, 3, 64, 64))
    assert torch.equal(outputs.class_logits[0][0, 0], outputs.class_logits[0][0, 1])
    assert not torch.allclose(outputs.class_logits[-1][0, 0], outputs.class_logits[-1][0, 1])


@pytest.mark.parametrize("layer_type", ["basic", "bottleneck"])
def test_on_cpus_basic_blocks_alone_are_trained_channels_last(layer_type):
    settings = TINY.model_copy(update={"layer_type": layer_type})
    backbone = placed(MinVIS(settings, (1,)), torch.device("cpu")).backbone
    wide = [m.weight for m in backbone.modules() if isinstance(m, nn.Conv2d) and m.kernel_size > (1, 1)]
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in wide) == (layer_type == "basic")

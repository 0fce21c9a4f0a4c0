"""A model in the form that runs fastest where nothing is learnt."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from uvis_core.config.base import Precision
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.model.winograd import use_winograd


class UnweightedAttention(nn.Module):
    """Attention that does not give its weights, which nobody reads and which keep torch from its fused kernel.

    Args:
        original: The attention of a layer of the query decoder, taken over.
    """

    def __init__(self, original: nn.MultiheadAttention) -> None:
        super().__init__()
        self.original = original

    def forward(self, query: Tensor, key: Tensor, value: Tensor, **options: Any) -> tuple[Tensor, None]:
        """What the queries (Q, B, D) take of the values (S, B, D), as ``nn.MultiheadAttention`` computes it."""
        return self.original(query, key, value, need_weights=False, **options)[0], None


def for_inference(model: MinVIS, device: torch.device, precision: Precision = "fp32") -> MinVIS:
    """Set the model to inference on ``device``, in the form that is fastest there; it is changed in place.

    Results change by rounding alone. It cannot be trained afterwards, nor saved.
    """
    model = model.eval().requires_grad_(False)
    if device.type != "cpu":
        return placed(model, device)
    fold_batch_norm(model.backbone)
    model = model.to(device)
    rectify_in_place(model)
    # Without gradients channels last is what convolutions of all blocks run fastest in.
    model.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if precision == "fp32":
        use_winograd(model.network.model.pixel_level_module)
    for layer in model.network.model.transformer_module.decoder.layers:
        layer.cross_attn = UnweightedAttention(layer.cross_attn)
    return model


def fold_batch_norm(backbone: nn.Module) -> None:
    """Fold each normalisation of a ResNet of transformers into its convolution."""
    for module in backbone.modules():
        convolution, norm = (getattr(module, name, None) for name in ("convolution", "normalization"))
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            module.convolution = fuse_conv_bn_eval(convolution, norm)
            module.normalization = nn.Identity()


def rectify_in_place(model: MinVIS) -> None:
    """Let no rectifier of the model take memory of its own; each stands behind a layer that keeps no output."""
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True
    for layer in model.network.model.pixel_level_module.decoder.encoder.layers:
        layer.activation_fn = functional.relu_

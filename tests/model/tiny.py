"""A network small enough to build and run in milliseconds."""

import torch

from uvis_core.config.model import ModelSettings
from uvis_core.model.minvis import MinVIS

TINY = ModelSettings(
    embedding_size=8,
    hidden_sizes=(8, 16, 24, 32),
    depths=(1, 1, 1, 1),
    layer_type="basic",
    # Two channels per normalisation group: with one, the bias before it has no gradient but rounding errors.
    hidden_dim=64,
    mask_dim=16,
    heads=2,
    encoder_layers=1,
    encoder_ffn_dim=32,
    decoder_layers=2,
    decoder_ffn_dim=32,
    queries=5,
)


def tiny_model(class_ids: tuple[int, ...] = (1, 2), *, seed: int = 0, frozen_backbone: bool = True) -> MinVIS:
    torch.manual_seed(seed)
    return MinVIS(TINY, class_ids, frozen_backbone=frozen_backbone)

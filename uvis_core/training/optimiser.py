"""AdamW with MinVIS's parameter groups and learning-rate schedule."""

from typing import Any

import torch
from torch import nn

from uvis_core.config.training import TrainingSettings
from uvis_core.model.minvis import MinVIS

NORMS = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm2d)
# The pixel decoder keeps its level embedding as a bare parameter.
BARE_EMBEDDING = "level_embed"


def make_optimiser(model: MinVIS, settings: TrainingSettings) -> torch.optim.AdamW:
    """Groups by rate and weight decay: no decay on norms and embeddings, a smaller rate for the backbone.

    Each group carries ``full_rate``, the rate that ``set_learning_rate`` scales.
    """
    backbone = {id(parameter) for parameter in model.backbone.parameters()}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            undecayed = isinstance(module, (*NORMS, nn.Embedding)) or name == BARE_EMBEDDING
            decay = 0.0 if undecayed else settings.weight_decay
            rate = settings.learning_rate * (settings.backbone_factor if id(parameter) in backbone else 1.0)
            groups.setdefault((rate, decay), []).append(parameter)
    described: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "full_rate": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(described, fused=True)


def rate_factor(step: int, settings: TrainingSettings) -> float:
    """Factor on the learning rate at ``step`` (from 0): linear warm-up, then a drop at each decay step."""
    warm = min(1.0, (step + 1) / settings.warmup_steps) if settings.warmup_steps else 1.0
    return warm * settings.decay_factor ** sum(step >= decay for decay in settings.decay_steps)


def set_learning_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Scale every group's full rate."""
    for group in optimiser.param_groups:
        group["lr"] = group["full_rate"] * factor

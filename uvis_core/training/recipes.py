"""What the recipes do differently: their samples, and what of the network sees them.

``minvis`` shows frames of videos, ``image`` single images at random scales, ``videocutler`` clips that are synthesised
of single images, and there the queries see all frames of a clip at once.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from uvis_core.config.training import TrainingSettings
from uvis_core.model.clip import ClipModel
from uvis_core.model.images import batch_images
from uvis_core.model.minvis import LayerOutputs, MinVIS
from uvis_core.training.clips.dataset import ClipSamples
from uvis_core.training.clips.jitter import JitteredSamples
from uvis_core.training.dataset import FrameSamples, Sample
from uvis_core.training.dropout import PixelDropout
from uvis_core.training.matcher import Targets
from uvis_core.training.samples import LabelledFrames

SAMPLES = {"minvis": FrameSamples, "image": JitteredSamples, "videocutler": ClipSamples}


def recipe_samples(frames: LabelledFrames, settings: TrainingSettings, seed: int) -> FrameSamples:
    """The data set of a recipe."""
    return SAMPLES[settings.recipe](frames, settings, seed)


class TrainedNetwork(nn.Module):
    """The network as a recipe trains it.

    Args:
        model: The network.
        settings: The recipe.
        seed: Of the run.
    """

    def __init__(self, model: MinVIS, settings: TrainingSettings, seed: int) -> None:
        super().__init__()
        self.network = ClipModel(model) if settings.recipe == "videocutler" else model
        rate = settings.dropout_rate
        self.dropout = PixelDropout(model, rate, seed) if rate else None

    def forward(self, pixel_values: Tensor, indices: Sequence[int]) -> LayerOutputs:
        """Predict for a batch, all layers.

        Args:
            pixel_values: From ``network_input``.
            indices: Places of the samples in the run.
        """
        if self.dropout is not None:
            self.dropout.start(indices, pixel_values.device)
        outputs: LayerOutputs = self.network(pixel_values)
        return outputs


def network_input(samples: Sequence[Sample], size: tuple[int, int], device: torch.device) -> Tensor:
    """Images of a batch, normalised and padded to ``size``: float32 (B, 3, H, W), or of clips (B, T, 3, H, W)."""
    if samples[0].image.ndim == 3:
        return batch_images([sample.image for sample in samples], device, size)
    frames = [frame for sample in samples for frame in sample.image]
    return batch_images(frames, device, size).unflatten(0, (len(samples), -1))


def padded_targets(samples: Sequence[Sample], size: tuple[int, int], device: torch.device) -> Targets:
    """Labels of a batch on frames padded to ``size``; what has no pixel in any frame is no label."""
    shown = [sample.masks.flatten(1).bool().any(1) for sample in samples]
    counts = tuple(int(kept.sum()) for kept in shown)
    length = samples[0].masks.shape[1] if samples[0].masks.ndim == 4 else 1
    masks = torch.zeros((sum(counts), length, *size), dtype=torch.uint8)
    start = 0
    for sample, kept, count in zip(samples, shown, counts, strict=True):
        height, width = sample.masks.shape[-2:]
        given = sample.masks[kept].view(count, length, height, width)
        masks[start : start + count, :, :height, :width] = given
        start += count
    classes = torch.cat([sample.classes[kept] for sample, kept in zip(samples, shown, strict=True)])
    return Targets(masks.to(device), classes.to(device), counts)

"""Dropout where VideoCutLER's trainings have it: in the deformable layers of the pixel decoder, and nowhere else."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from uvis_core.model.minvis import MinVIS
from uvis_core.training.dataset import DROPOUT_STREAM
from uvis_core.training.points import seeded


class PixelDropout:
    """Drops after the attention, inside the feed-forward and after it (Deformable DETR, as Mask2Former has it).

    What is dropped of a sample follows from the seed and the sample's index alone, so that a resumed training, and one
    on another number of processes, drops the same. That is why it does not use the network's own dropout.

    Args:
        model: Gets hooks; they act in training mode.
        rate: Share of the values that is dropped.
        seed: Of the run.
    """

    def __init__(self, model: MinVIS, rate: float, seed: int) -> None:
        self.rate, self.seed = rate, seed
        self.generators: list[torch.Generator] = []
        for layer in model.network.model.pixel_level_module.decoder.encoder.layers:
            layer.self_attn.register_forward_hook(self._of_attention)
            layer.fc2.register_forward_pre_hook(self._of_input)
            layer.fc2.register_forward_hook(self._of_output)

    def start(self, indices: Sequence[int], device: torch.device) -> None:
        """Begin the forward pass of a batch.

        Args:
            indices: Places of its samples in the run.
            device: Of the network; GPUs draw other numbers than CPUs.
        """
        self.generators = [seeded([DROPOUT_STREAM, self.seed, index], device) for index in indices]

    def dropped(self, values: Tensor) -> Tensor:
        """Values of which the share ``rate`` is 0 and the rest is as much larger.

        Args:
            values: (B, ...), or (B T, ...) of clips.
        """
        kept = torch.empty_like(values, dtype=torch.bool)
        for part, generator in zip(kept.chunk(len(self.generators)), self.generators, strict=True):
            part.bernoulli_(1 - self.rate, generator=generator)
        return values * kept / (1 - self.rate)

    def _of_attention(
        self, module: nn.Module, inputs: object, output: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        return (self.dropped(output[0]) if module.training else output[0], output[1])

    def _of_input(self, module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (self.dropped(inputs[0]) if module.training else inputs[0],)

    def _of_output(self, module: nn.Module, inputs: object, output: Tensor) -> Tensor:
        return self.dropped(output) if module.training else output

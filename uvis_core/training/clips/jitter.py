"""Large-scale jitter: single images at random scales on a square canvas (VideoCutLER's image stage)."""

import numpy as np
import torch

from uvis_core.model.images import padded_size
from uvis_core.training.clips.augmentation import MaskedImage, mirrored, scaled
from uvis_core.training.clips.dataset import PADDING
from uvis_core.training.dataset import JITTER_STREAM, FrameSamples, Sample, read_labelled


class JitteredSamples(FrameSamples):
    """Single images, drawn as ``FrameSamples`` draws them, each at a scale of its own on a square canvas.

    The longer side becomes ``jitter.scale`` sides of the canvas. What is larger than the canvas is cropped at a random
    place; what is smaller lies at the top left and is padded with the mean colour. ``short_sides_px`` is not used.
    """

    def size(self, step: int) -> tuple[int, int]:
        """Padded height and width of the global batch of a step: those of the canvas."""
        side = self.settings.jitter.size_px
        return padded_size([(side, side)])

    def __getitem__(self, index: int) -> Sample:
        """Read and scale the sample at ``index``.

        Raises:
            UserError: The image is missing, unreadable or not of the size that the labels were made on.
        """
        frame, flipped = self.drawn(index)
        side = self.settings.jitter.size_px
        random = np.random.default_rng([JITTER_STREAM, self.seed, index])
        scale = random.uniform(*self.settings.jitter.scale) * side / max(frame.size)
        image = scaled(
            MaskedImage(*read_labelled(frame)),
            (max(1, round(frame.size[0] * scale)), max(1, round(frame.size[1] * scale))),
        )
        if flipped:
            image = mirrored(image)
        top, left = (int(random.integers(max(extent - side, 0) + 1)) for extent in image.size)
        pixels, masks = (
            part[..., top : top + side, left : left + side]
            for part in (image.pixels.transpose(2, 0, 1), image.masks)
        )
        height, width = pixels.shape[1:]
        canvas = torch.from_numpy(PADDING)[:, None, None].repeat(1, side, side)
        canvas[:, :height, :width] = torch.from_numpy(pixels.copy())
        kept = masks.any((1, 2))
        found = torch.zeros((int(kept.sum()), side, side), dtype=torch.uint8)
        found[:, :height, :width] = torch.from_numpy(masks[kept])
        return Sample(index, frame.path, canvas, found, torch.from_numpy(frame.classes[kept]))

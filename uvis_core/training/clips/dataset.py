"""ImageCut2Video: clips for a video model, each made of one labelled image (VideoCutLER, section 3.2)."""

from dataclasses import dataclass

import numpy as np
import torch

from uvis_core.io.images import PIXEL_MEAN
from uvis_core.model.images import padded_size
from uvis_core.training.clips.augmentation import MaskedImage, limited_size, mirrored, scaled, seen
from uvis_core.training.clips.draws import Placement, View, clip_size, draw_placement, draw_view
from uvis_core.training.clips.pasting import pasted
from uvis_core.training.dataset import PASTE_STREAM, VIEW_STREAM, FrameSamples, Sample, read_labelled
from uvis_core.training.samples import LabelledFrame

# What the network pads with, in 8 bits: zero once it is normalised.
PADDING = np.array(PIXEL_MEAN).round().astype(np.uint8)


@dataclass(frozen=True)
class Pasting:
    """What is pasted into a clip.

    Attributes:
        source: Index of the sample whose image gives the objects.
        frame: Which frame of the source's clip.
        placements: Where it lies on each frame.
    """

    source: int
    frame: int
    placements: tuple[Placement, ...]


class ClipSamples(FrameSamples):
    """Clips of single images, in which each object is a track; the images are drawn as ``FrameSamples`` draws them.

    Scale and mirroring are drawn once per clip; brightness, contrast, rotation and crop for every frame. Then all
    objects of another image of the global batch are pasted, as it looks in one frame of its own clip before anything is
    pasted there. All of it follows from seed and index, so no result depends on how the batch is divided: whoever makes
    a clip also reads the other image, the second one of this clip. A batch of one has no other image, and nothing is
    pasted.
    """

    def size(self, step: int) -> tuple[int, int]:
        """Padded height and width of the global batch of a step."""
        count = self.settings.batch_size
        return padded_size(
            [clip_size(self.views(index)) for index in range(step * count, (step + 1) * count)]
        )

    def views(self, index: int) -> list[View]:
        """How each frame of the clip at ``index`` looks at its image."""
        random = np.random.default_rng([VIEW_STREAM, self.seed, index])
        size = self._image_size(index)
        return [draw_view(random, size, self.settings.clip) for _ in range(self.settings.clip.frames)]

    def pasting(self, index: int) -> Pasting | None:
        """What is to be pasted into the clip at ``index``; None in a batch of one."""
        place, count = index % self.settings.batch_size, self.settings.batch_size
        if count == 1:
            return None
        random = np.random.default_rng([PASTE_STREAM, self.seed, index])
        other = (place + 1 + int(random.integers(count - 1))) % count
        clip = self.settings.clip
        return Pasting(
            index - place + other,
            int(random.integers(clip.frames)),
            tuple(draw_placement(random, clip) for _ in range(clip.frames)),
        )

    def _image_size(self, index: int) -> tuple[int, int]:
        """Height and width of the whole image of a clip, scaled."""
        side = self.short_side(index // self.settings.batch_size)
        return limited_size(*self.frames.size(self.video(index)), side, self.settings.clip.long_side_px)

    def _image(self, index: int, frame: LabelledFrame, flipped: bool) -> MaskedImage:
        image = scaled(MaskedImage(*read_labelled(frame)), self._image_size(index))
        return mirrored(image) if flipped else image

    def __getitem__(self, index: int) -> Sample:
        """Synthesise the clip at ``index``.

        A frame that is cropped smaller than another lies at the top left and is padded with the mean colour.

        Raises:
            UserError: An image is missing, unreadable or not of the size that the labels were made on.
        """
        frame, flipped = self.drawn(index)
        image = self._image(index, frame, flipped)
        views = self.views(index)
        clip = [seen(image, view) for view in views]
        classes = frame.classes
        found = self._pasted(clip, self.pasting(index))
        if found is not None:
            clip, classes = found[0], np.concatenate([classes, found[1]])
        size = clip_size(views)
        pixels = np.empty((len(clip), *size, 3), dtype=np.uint8)
        pixels[:] = PADDING
        masks = np.zeros((len(classes), len(clip), *size), dtype=np.uint8)
        for place, shown in enumerate(clip):
            height, width = shown.size
            pixels[place, :height, :width] = shown.pixels
            masks[:, place, :height, :width] = shown.masks
        tracks = masks.any((1, 2, 3))
        return Sample(
            index,
            frame.path,
            torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(),
            torch.from_numpy(masks[tracks]),
            torch.from_numpy(classes[tracks]),
        )

    def _pasted(
        self, clip: list[MaskedImage], pasting: Pasting | None
    ) -> tuple[list[MaskedImage], np.ndarray] | None:
        """A clip with another image's objects, and their classes; None where nothing is pasted."""
        if pasting is None:
            return None
        frame, flipped = self.drawn(pasting.source)
        if not len(frame.classes):
            return None
        view = self.views(pasting.source)[pasting.frame]
        source = seen(self._image(pasting.source, frame, flipped), view)
        visible = source.masks.any((1, 2))
        frames = pasted(
            clip,
            MaskedImage(source.pixels, source.masks[visible]),
            pasting.placements,
            self.settings.clip.covered_share,
        )
        return None if frames is None else (frames, frame.classes[visible])

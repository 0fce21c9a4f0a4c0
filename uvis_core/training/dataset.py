"""Training samples: which frame at which step, decoded and augmented in worker processes.

Everything random about a sample follows from the seed, the step and the sample's place in the global batch,
so a resumed run, and a run on another number of processes, sees the same samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from uvis_core.config.training import TrainingSettings
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.loading import load_batches
from uvis_core.io.rle import decode_masks
from uvis_core.model.images import padded_size, resize_frame, resized_size
from uvis_core.training.samples import LabelledFrame, LabelledFrames

# First entry of the seed sequences, so that no two uses share random numbers.
ORDER_STREAM, SAMPLE_STREAM, STEP_STREAM, VIEW_STREAM, PASTE_STREAM, JITTER_STREAM, DROPOUT_STREAM = range(7)


@dataclass(frozen=True)
class Sample:
    """One training frame, or one clip of T frames.

    Attributes:
        index: Place in the run: step × global batch size + place in the global batch.
        file: Where the frame was read; of a clip, the one that it is made of.
        image: uint8 RGB (3, H, W); of a clip (T, 3, H, W).
        masks: uint8 0 or 1 (N, H, W), none of them empty; of a clip (N, T, H, W), none of them empty in all frames.
        classes: int64 (N,), class indices.
    """

    index: int
    file: str
    image: Tensor
    masks: Tensor
    classes: Tensor


@dataclass(frozen=True)
class Batch:
    """The samples of one step that fall to one process, and the padded size of the whole global batch.

    Padding enters the network's result, so it must not depend on how the batch is divided.
    """

    step: int
    samples: list[Sample]
    size: tuple[int, int]


class FrameSamples:
    """A video uniformly, then one of its frames uniformly (MinVIS); frames without labels are kept.

    Every pass visits all videos once, in a new order. The shorter side is drawn per step, not per frame: the
    chances are the same, and no frame is padded to another's scale.

    Args:
        frames: The labelled frames.
        settings: Batch size and augmentation.
        seed: Of this run.
    """

    def __init__(self, frames: LabelledFrames, settings: TrainingSettings, seed: int) -> None:
        self.frames = frames
        self.settings = settings
        self.seed = seed
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_order"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def _shuffled(self, epoch: int) -> np.ndarray:
        return np.random.default_rng([ORDER_STREAM, self.seed, epoch]).permutation(self.frames.videos)

    def video(self, index: int) -> int:
        """The number of the video of the sample at ``index``."""
        epoch, place = divmod(index, self.frames.videos)
        return int(self._order(epoch)[place])

    def short_side(self, step: int) -> int:
        """The shorter side, in pixels, of all frames of a step."""
        sides = self.settings.short_sides_px
        return sides[np.random.default_rng([STEP_STREAM, self.seed, step]).integers(len(sides))]

    def size(self, step: int) -> tuple[int, int]:
        """Padded height and width of the global batch of a step."""
        side, count = self.short_side(step), self.settings.batch_size
        videos = map(self.video, range(step * count, (step + 1) * count))
        return padded_size([resized_size(*self.frames.size(video), side) for video in videos])

    def __len__(self) -> int:
        return self.settings.steps * self.settings.batch_size

    def drawn(self, index: int) -> tuple[LabelledFrame, bool]:
        """The frame of the sample at ``index``, and whether it is mirrored."""
        video = self.video(index)
        random = np.random.default_rng([SAMPLE_STREAM, self.seed, index])
        place = int(random.integers(self.frames.length(video)))
        return self.frames.frame(video, place), random.random() < self.settings.flip

    def __getitem__(self, index: int) -> Sample:
        """Read and augment the sample at ``index``.

        Raises:
            UserError: The frame is missing, unreadable or not of the size that the labels were made on.
        """
        frame, flipped = self.drawn(index)
        image, masks = read_labelled(frame)
        image = resize_frame(image, self.short_side(index // self.settings.batch_size))
        resized = resize_masks(torch.from_numpy(masks), (image.shape[0], image.shape[1]))
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        classes = torch.from_numpy(frame.classes)
        # A thin mask can vanish when scaled down; without pixels it teaches nothing.
        filled = resized.flatten(1).any(1)
        resized, classes = resized[filled], classes[filled]
        if flipped:
            pixels, resized = pixels.flip(-1), resized.flip(-1)
        return Sample(index, frame.path, pixels.contiguous(), resized.to(torch.uint8).contiguous(), classes)

    def collate(self, samples: list[Sample]) -> Batch:
        """Gather the samples of one step."""
        step = samples[0].index // self.settings.batch_size
        return Batch(step, samples, self.size(step))


class StepIndices:
    """The indices of one process's samples, step by step.

    Args:
        steps: Which steps.
        batch_size: Of the global batch.
        rank: This process.
        processes: Their number.

    Raises:
        UserError: The global batch cannot be divided evenly.
    """

    def __init__(self, steps: range, batch_size: int, *, rank: int = 0, processes: int = 1) -> None:
        if batch_size % processes:
            raise UserError(
                f"a batch of {batch_size} frames cannot be divided among {processes} processes",
                fix="set training.batch_size to a multiple of the number of processes",
            )
        self.steps = steps
        self.batch_size = batch_size
        self.share = batch_size // processes
        self.first = rank * self.share

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[range]:
        for step in self.steps:
            first = step * self.batch_size + self.first
            yield range(first, first + self.share)


def read_labelled(frame: LabelledFrame) -> tuple[np.ndarray, np.ndarray]:
    """Read a frame: uint8 RGB (H, W, 3), and its masks, bool (N, H, W).

    Raises:
        UserError: The frame is missing, unreadable or not of the size that the labels were made on.
    """
    image = read_image(frame.path)
    if image.shape[:2] != frame.size:
        raise UserError(
            f"{frame.path}: is {image.shape[0]} x {image.shape[1]}, but the labels say "
            f"{frame.size[0]} x {frame.size[1]}",
            fix="put the image back from which the labels were made, or make frames and labels again",
        )
    return image, decode_masks(frame.rle_counts, *frame.size)


def resize_masks(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize bool masks (N, H, W) to ``size`` by the nearest pixel, still bool."""
    if tuple(masks.shape[1:]) == size or not len(masks):
        return masks.reshape(len(masks), *size) if not len(masks) else masks
    resized = torch.nn.functional.interpolate(masks[:, None].to(torch.uint8), size=size, mode="nearest-exact")
    return resized[:, 0].bool()


def sample_loader(
    samples: FrameSamples, first_step: int, *, rank: int = 0, processes: int = 1, workers: int = 0
) -> Iterator[Batch]:
    """Batches of this process from ``first_step`` to the last step.

    Args:
        samples: The data set.
        first_step: Where a resumed run goes on.
        rank: This process.
        processes: Their number; divides the global batch.
        workers: Decoding processes; 0 decodes here.

    Raises:
        UserError: The global batch cannot be divided evenly, or a frame cannot be used.
    """
    settings = samples.settings
    steps = range(first_step, settings.steps)
    batches = StepIndices(steps, settings.batch_size, rank=rank, processes=processes)
    return load_batches(samples, batches, samples.collate, workers=workers, prefetch=4)

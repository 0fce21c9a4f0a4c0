"""Training samples: which frame at which step, decoded and augmented in worker processes.

Everything random about a sample follows from the seed, the step and the sample's place in the global batch,
so a resumed run, and a run on another number of processes, sees the same samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from uvis_core.config.training import TrainingSettings
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.model.images import padded_size, resize_frame, resized_size
from uvis_core.training.annotations import LabelledVideo, LabelledVideos, decode_segmentation

# Message and fix of a UserError.
Fault = tuple[str, str]
# First entry of the seed sequences, so that no two uses share random numbers.
ORDER_STREAM, SAMPLE_STREAM, STEP_STREAM = 0, 1, 2


@dataclass(frozen=True)
class Sample:
    """One training frame.

    Attributes:
        index: Place in the run: step × global batch size + place in the global batch.
        file: Where the frame was read.
        image: uint8 RGB (3, H, W).
        masks: uint8 0 or 1 (N, H, W), none of them empty.
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


class FrameSamples(Dataset[Sample | Fault]):
    """A video uniformly, then one of its frames uniformly (MinVIS); frames without labels are kept.

    Every pass visits all videos once, in a new order. The shorter side is drawn per step, not per frame: the
    chances are the same, and no frame is padded to another's scale.

    Args:
        labels: The data set.
        image_root: Folder that relative frame paths start from.
        settings: Batch size and augmentation.
        seed: Of this run.
    """

    def __init__(
        self, labels: LabelledVideos, image_root: Path | str, settings: TrainingSettings, seed: int
    ) -> None:
        self.labels = labels
        self.image_root = Path(image_root)
        self.settings = settings
        self.seed = seed
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_order"}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def _shuffled(self, epoch: int) -> np.ndarray:
        return np.random.default_rng([ORDER_STREAM, self.seed, epoch]).permutation(len(self.labels.videos))

    def video(self, index: int) -> LabelledVideo:
        """The video of the sample at ``index``."""
        epoch, place = divmod(index, len(self.labels.videos))
        return self.labels.videos[self._order(epoch)[place]]

    def short_side(self, step: int) -> int:
        """The shorter side, in pixels, of all frames of a step."""
        sides = self.settings.short_sides_px
        return sides[np.random.default_rng([STEP_STREAM, self.seed, step]).integers(len(sides))]

    def size(self, step: int) -> tuple[int, int]:
        """Padded height and width of the global batch of a step."""
        side, count = self.short_side(step), self.settings.batch_size
        videos = [self.video(index) for index in range(step * count, (step + 1) * count)]
        return padded_size([resized_size(video.height_px, video.width_px, side) for video in videos])

    def __getitem__(self, index: int) -> Sample | Fault:
        """The sample, or what is wrong with it: a worker process cannot raise an error of two parts."""
        try:
            return self.sample(index)
        except UserError as error:
            return error.message, error.fix

    def sample(self, index: int) -> Sample:
        """Read and augment one sample.

        Raises:
            UserError: The frame is missing, unreadable or not of its video's size.
        """
        video = self.video(index)
        random = np.random.default_rng([SAMPLE_STREAM, self.seed, index])
        frame = int(random.integers(len(video.files)))
        flipped = random.random() < self.settings.flip
        path = self.image_root / video.files[frame]
        image = read_image(path)
        if image.shape[:2] != (video.height_px, video.width_px):
            raise UserError(
                f"{path}: is {image.shape[0]} x {image.shape[1]}, but the labels say "
                f"{video.height_px} x {video.width_px}",
                fix="use the image root that the labels were made from",
            )
        found = video.instances.get(frame, ())
        try:
            decoded = [decode_segmentation(mask, video.height_px, video.width_px) for _, mask in found]
        except ValueError as error:
            raise UserError(f"{path}: label does not fit ({error})", fix="make the labels again") from error
        masks = np.stack(decoded) if decoded else np.zeros((0, *image.shape[:2]), dtype=bool)
        image = resize_frame(image, self.short_side(index // self.settings.batch_size))
        resized = resize_masks(torch.from_numpy(masks), (image.shape[0], image.shape[1]))
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
        classes = torch.tensor([index for index, _ in found], dtype=torch.int64)
        # A thin mask can vanish when scaled down; without pixels it teaches nothing.
        filled = resized.flatten(1).any(1)
        resized, classes = resized[filled], classes[filled]
        if flipped:
            pixels, resized = pixels.flip(-1), resized.flip(-1)
        return Sample(index, str(path), pixels.contiguous(), resized.to(torch.uint8).contiguous(), classes)

    def collate(self, samples: Sequence[Sample | Fault]) -> Batch | Fault:
        """Gather the samples of one step, or give the first fault among them."""
        good: list[Sample] = []
        for sample in samples:
            if isinstance(sample, tuple):
                return sample
            good.append(sample)
        step = good[0].index // self.settings.batch_size
        return Batch(step, good, self.size(step))


def resize_masks(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize bool masks (N, H, W) to ``size`` by the nearest pixel, still bool."""
    if tuple(masks.shape[1:]) == size or not len(masks):
        return masks.reshape(len(masks), *size) if not len(masks) else masks
    resized = torch.nn.functional.interpolate(masks[:, None].to(torch.uint8), size=size, mode="nearest-exact")
    return resized[:, 0].bool()


def _single_thread(_: int) -> None:
    torch.set_num_threads(1)


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
    total = samples.settings.batch_size
    if total % processes:
        raise UserError(
            f"a batch of {total} frames cannot be divided among {processes} processes",
            fix="set training.batch_size to a multiple of the number of processes",
        )
    share = total // processes
    batches = [
        list(range(step * total + rank * share, step * total + (rank + 1) * share))
        for step in range(first_step, samples.settings.steps)
    ]
    loader: DataLoader[Any] = DataLoader(
        samples,
        batch_sampler=batches,
        collate_fn=samples.collate,
        num_workers=workers,
        worker_init_fn=_single_thread,
        prefetch_factor=4 if workers else None,
    )
    for batch in loader:
        if isinstance(batch, tuple):
            raise UserError(batch[0], fix=batch[1])
        yield batch

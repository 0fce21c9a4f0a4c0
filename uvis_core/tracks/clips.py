"""The tracker clip: the model sees many frames at once (VideoCutLER, section 3.3), a long video in windows.

A video of up to ``clip_frames`` frames is seen whole, as published. How windows of a longer one become one video is
this project's own and stands in no paper: neighbours share ``overlap`` frames, and their tracks are joined by the
Hungarian method, which makes greatest the sum of two similarities that count alike:

- the IoU of the masks in the shared frames, between a track so far and a query of the new window,
- the cosine between the tracking memory of UVIS (equations 2 and 3, a window in the place of a frame) and the query.

Masks tell apart what looks alike; the memory keeps an identity where the shared frames do not show the object. A
frame's logits are the mean over the windows that saw it, of masks and classes alike. So every frame counts once in the
mean over the video, of which the one softmax is taken, however the windows fall.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from uvis_core.config.tracks import TracksSettings
from uvis_core.io.devices import autocast
from uvis_core.model.clip import clip_outputs
from uvis_core.model.minvis import MinVIS
from uvis_core.tracks.aligned import AlignedFrames
from uvis_core.tracks.association import mask_ious
from uvis_core.tracks.memory import TrackingMemory

# Frames handed on at a time: more only makes the copies larger that parking takes.
HANDED_ON = 8
MASK_STRIDE = 4


def overlapping_clips(
    windows: Iterable[Tensor], clip_frames: int, overlap: int
) -> Iterator[tuple[Tensor, int]]:
    """Group a video's frames anew. All clips are full but that of a video which is seen whole.

    Args:
        windows: The frames in order, uint8 RGB (T_w, 3, h, w), however grouped.
        clip_frames: Frames of a clip at most.
        overlap: Frames that a clip shares with the one before at least; the last one, to be full, may share more.

    Yields:
        uint8 RGB (T, 3, h, w), and how many of its last frames no clip before had.
    """
    # Copies: a view would keep its whole window, which may lie in the shared memory of a decoding process.
    frames = (frame.clone() for window in windows for frame in window)
    clip: list[Tensor] = []
    new = list(islice(frames, clip_frames))
    while new:
        clip = [*clip, *new][-clip_frames:]
        yield torch.stack(clip), len(new)
        new = list(islice(frames, clip_frames - overlap))


def aligned_clips(
    model: MinVIS, windows: Iterable[Tensor], memory: TrackingMemory, settings: TracksSettings
) -> Iterator[AlignedFrames]:
    """Frames that the model sees together, ``clip_frames`` at a time; what stays in memory is one clip.

    Args:
        model: In evaluation mode.
        windows: The frames in order, uint8 RGB (T_w, 3, h, w), however grouped.
        memory: New; aligns the clips.
        settings: Length and overlap of the clips, precision of the model.
    """
    device = next(model.parameters()).device
    # Of the frames of the last clip: sums over the clips that saw them, and how many these were.
    masks, classes, seen = torch.zeros(0, device=device), np.zeros(0), np.zeros(0)
    resized = (0, 0)
    for clip, new in overlapping_clips(windows, settings.clip_frames, settings.overlap):
        # Frames that no further clip sees leave before the model runs, so that only the shared ones lie beside it.
        yield from _means(masks[:new], classes[:new], seen[:new], resized)
        masks, classes, seen = masks[new:].clone(), classes[new:], seen[new:]
        shared, resized = len(seen), (clip.shape[2], clip.shape[3])
        with autocast(device, settings.precision):
            outputs = clip_outputs(model, clip)
        logits = outputs.mask_logits.transpose(0, 1)  # (T, Q, h, w)
        ious = mask_ious(_unpadded(masks, resized), _unpadded(logits[:shared], resized)) if shared else 0.0
        order = memory.align(outputs.embeddings.cpu().numpy(), ious)
        aligned = logits[:, torch.from_numpy(order).to(device)]
        of_clip = np.repeat(outputs.class_logits.cpu().numpy()[None, order].astype(np.float64), len(clip), 0)
        if shared:
            aligned[:shared] += masks
            of_clip[:shared] += classes
        masks, classes, seen = aligned, of_clip, np.append(seen, np.zeros(new)) + 1
        del outputs, logits, aligned
    yield from _means(masks, classes, seen, resized)


def _means(
    masks: Tensor, classes: np.ndarray, seen: np.ndarray, resized: tuple[int, int]
) -> Iterator[AlignedFrames]:
    """Sums over clips as means, a few frames at a time."""
    for start in range(0, len(seen), HANDED_ON):
        part = slice(start, start + HANDED_ON)
        counts = torch.from_numpy(seen[part]).to(masks)
        yield AlignedFrames(
            classes[part] / seen[part, None, None], masks[part] / counts[:, None, None, None], resized
        )


def _unpadded(logits: Tensor, resized: tuple[int, int]) -> Tensor:
    """What of mask logits (T, Q, h, w) lies on the frames."""
    height, width = (-(-side // MASK_STRIDE) for side in resized)
    return logits[..., :height, :width]

"""From frames of a video to its best tracks (MinVIS, section 3.2; UVIS, section 3.3; VideoCutLER, section 3.3)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from uvis_core.config.tracks import TracksSettings
from uvis_core.io.rle import encode_masks
from uvis_core.model.images import padded_size
from uvis_core.model.minvis import MinVIS
from uvis_core.tracks.aligned import aligned_frames
from uvis_core.tracks.clips import aligned_clips
from uvis_core.tracks.memory import TrackingMemory
from uvis_core.tracks.parking import ParkedMasks

# Far above any mask logit, and below float16's largest value, past which interpolation would meet infinities.
LARGEST_LOGIT = 6e4
# Full-size float masks made at a time, one frame at least; larger pieces are no faster.
UPSAMPLING_BYTES = 16 * 2**20


@dataclass(frozen=True)
class VideoTracks:
    """The best tracks of a video, the best first.

    Attributes:
        classes: int64 (K,), class indices.
        scores: float64 (K,), probabilities.
        masks: K lists of compressed run lengths, one per frame, of the video's own size.
    """

    classes: np.ndarray
    scores: np.ndarray
    masks: list[list[str]]


@dataclass(frozen=True)
class TrackStream:
    """The best tracks of a video, the best first; their masks come frame by frame, for videos of any length.

    Attributes:
        classes: int64 (K,), class indices.
        scores: float64 (K,), probabilities.
        places: int64 (K,), where in a frame's masks each track's is; those of one query share a mask.
        masks: Per frame the compressed run lengths of each mask, of the video's own size.
    """

    classes: np.ndarray
    scores: np.ndarray
    places: np.ndarray
    masks: Iterator[list[str]]


def best_predictions(mean_logits: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best pairs of query and class: softmax, "no object" dropped, flattened, sorted.

    Args:
        mean_logits: (Q, C + 1), the last class is "no object".
        count: How many at most.

    Returns:
        Queries, classes (both int64) and scores, each (min(count, Q C),). A query can appear with several
        classes.
    """
    shifted = np.exp(mean_logits - mean_logits.max(1, keepdims=True))
    scores = (shifted / shifted.sum(1, keepdims=True))[:, :-1]
    best = np.argsort(-scores, axis=None, kind="stable")[:count]
    queries, classes = np.divmod(best, scores.shape[1])
    return queries, classes, scores.reshape(-1)[best]


def upsample_masks(logits: Tensor, resized: tuple[int, int], original: tuple[int, int]) -> Tensor:
    """Bring mask logits to the video's size: bilinear to padded size, padding cropped, bilinear again, > 0.

    Args:
        logits: float (N, h, w), at a quarter of the padded size.
        resized: Height and width of the frames that the model saw, without padding.
        original: Height and width of the video.

    Returns:
        bool (N, H, W).
    """
    padded = functional.interpolate(logits[:, None], size=padded_size([resized]), mode="bilinear")
    cropped = padded[:, :, : resized[0], : resized[1]]
    return functional.interpolate(cropped, size=original, mode="bilinear")[:, 0] > 0


def track_video(
    model: MinVIS,
    windows: Iterable[Tensor],
    original: tuple[int, int],
    settings: TracksSettings,
) -> VideoTracks:
    """Run the model over a video and keep its best tracks; arguments as ``streamed_tracks`` takes them."""
    with streamed_tracks(model, windows, original, settings) as stream:
        masks: list[list[str]] = [[] for _ in np.unique(stream.places)]
        for texts in stream.masks:
            for track, text in zip(masks, texts, strict=True):
                track.append(text)
        return VideoTracks(stream.classes, stream.scores, [masks[place] for place in stream.places])


@contextmanager
def streamed_tracks(
    model: MinVIS,
    windows: Iterable[Tensor],
    original: tuple[int, int],
    settings: TracksSettings,
) -> Iterator[TrackStream]:
    """Run the model over a video and give its best tracks, whose masks are to be taken inside the context.

    What stays on the accelerator is one window, of tracker clip one clip; what stays in memory is the same and, per
    video, the mean of the logits and the memory of the queries.

    Args:
        model: In evaluation mode.
        windows: The frames in order, uint8 RGB (T_w, 3, h, w), all of one size; at least one.
        original: Height and width of the video.
        settings: Tracker (memory, minvis or clip), its λ, its clips, and how many tracks.
    """
    device = next(model.parameters()).device
    memory = TrackingMemory(1.0 if settings.tracker == "minvis" else settings.memory_weight)
    if settings.tracker == "clip":
        predictions = aligned_clips(model, windows, memory, settings)
    else:
        predictions = aligned_frames(model, windows, memory, settings.precision)
    parked_type = torch.float16 if settings.parked_masks == "fp16" else torch.float32
    logit_sum = np.zeros(0)
    resized = (0, 0)
    with ParkedMasks() as parked:
        for frames in predictions:
            resized = frames.resized
            logit_sum = frames.class_logits.sum(0, dtype=np.float64) + (logit_sum if parked.frames else 0)
            masks = frames.mask_logits.clamp(-LARGEST_LOGIT, LARGEST_LOGIT)
            parked.append(masks.to(parked_type).cpu().numpy())
        queries, classes, scores = best_predictions(logit_sum / parked.frames, settings.predictions)
        # The same query may be wanted for several classes: its masks are made once.
        wanted, places = np.unique(queries, return_inverse=True)
        yield TrackStream(
            classes, scores, places, _frame_masks(parked, wanted.tolist(), resized, original, device)
        )


def _frame_masks(
    parked: ParkedMasks,
    queries: list[int],
    resized: tuple[int, int],
    original: tuple[int, int],
    device: torch.device,
) -> Iterator[list[str]]:
    """Full-size masks of the queries, frame after frame, as run lengths."""
    padded = padded_size([resized])
    frame_bytes = 4 * len(queries) * (padded[0] * padded[1] + original[0] * original[1])
    for piece in parked.read(queries, max(1, UPSAMPLING_BYTES // frame_bytes)):
        logits = torch.from_numpy(piece).to(device).float().flatten(0, 1)
        for masks in upsample_masks(logits, resized, original).split(len(queries)):
            yield encode_masks(masks.cpu().numpy())

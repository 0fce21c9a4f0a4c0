"""Every crop of a labels table beside the true masks of its frame, compared once for all thresholds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.io.annotations.model import Annotations, Video, VideoId, VideoTruth
from uvis_core.io.errors import UserError
from uvis_core.io.join import check_once, positions
from uvis_core.io.rle import to_coco
from uvis_core.io.row_groups import RowGroups, rows_by_video
from uvis_core.io.schemas.labels import ACCEPTED, LABELS, REJECTED
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table

MATCH_IOU = 0.5
SCORES = ("objectness", "class_score", "similarity")
FIX = "give the tables and the truth of one split, and both tables of every shard in the same order"


@dataclass(frozen=True)
class LabelCandidates:
    """The N crops of a shard, whether the labels stage kept them or not.

    Attributes:
        class_ids: int64 of shape (N,).
        scores: float32 of shape (N,) by name of the score.
        area_share: Share of the frame that the mask covers, float64 of shape (N,).
        kept: Verdict of the labels stage, bool of shape (N,).
        by_hand: Whether a person took that verdict, whatever the scores are, bool of shape (N,).
        crowded: Whether the crop reaches no single truth but lies by more than half in a crowd of its class,
            bool of shape (N,); it is neither right nor wrong.
        covers: By crop, the truths of its class in its frame that it covers at an IoU above 0.5. Crops that
            cover none are left out. Each truth's mask in each frame has its own number.
    """

    class_ids: np.ndarray
    scores: Mapping[str, np.ndarray]
    area_share: np.ndarray
    kept: np.ndarray
    by_hand: np.ndarray
    crowded: np.ndarray
    covers: Mapping[int, Sequence[int]]


class TrueMasks:
    """The true masks of a split; those of one video are in memory.

    Args:
        truth: Truth of the split.
    """

    def __init__(self, truth: Annotations) -> None:
        self.truth = truth
        self._counts: Counter[int] = Counter()
        self._counted: set[VideoId] = set()

    def read(self, video_id: VideoId) -> VideoTruth:
        """Objects of a video; its masks are counted when it is read first."""
        found = self.truth.read(video_id)
        if video_id not in self._counted:
            self._counted.add(video_id)
            for true, tube in zip(found.objects, found.tubes, strict=True):
                if not true.crowd:
                    self._counts[true.class_id] += sum(area > 0 for area in tube.areas_px.values())
        return found

    def count(self) -> Counter[int]:
        """Number of true masks over all frames of all videos, by class id; crowds do not count."""
        for video_id in self.truth.videos:
            if video_id not in self._counted:
                self.read(video_id)
        return self._counts


def read_candidates(labels: Path | str, masks: Path | str, true_masks: TrueMasks) -> LabelCandidates:
    """Compare every crop of a shard with the true masks of its class in its frame.

    In memory are the numbers of the shard, and the run lengths of one video.

    Args:
        labels: Labels table of the shard.
        masks: Its masks table.
        true_masks: Of the split.

    Raises:
        UserError: The tables and the truth do not belong together.
    """
    shapes = RowGroups(masks, MASKS)
    rows = read_table(labels, LABELS)
    column = {name: rows[name].to_numpy() for name in ("mask_id", "frame_index", "class_id", *SCORES)}
    sizes = shapes.read(["mask_id", "height_px", "width_px", "area_px"])
    check_once(column["mask_id"], f"labels {labels}")
    places = positions(column["mask_id"], sizes["mask_id"].to_numpy(), (f"labels {labels}", f"masks {masks}"))
    height, width, area = (sizes[name].to_numpy()[places] for name in ("height_px", "width_px", "area_px"))
    crowded = np.zeros(len(rows), dtype=bool)
    covers: dict[int, Sequence[int]] = {}
    numbered = 0
    for name, own in rows_by_video(rows["video_id"], column["frame_index"]):
        video = _video(name, int(column["frame_index"][own[-1]]), true_masks.truth, labels)
        _check_sizes(np.stack([height[own], width[own]], axis=1), video, masks)
        truth = true_masks.read(video.video_id)
        # Crops of other classes than the video's cannot cover anything.
        own = own[np.isin(column["class_id"][own], [true.class_id for true in truth.objects])]
        texts = shapes.take("rle_counts", places[own]).to_pylist()
        tube = dict(zip(own.tolist(), texts, strict=True))
        for crops in np.split(own, np.flatnonzero(np.diff(column["frame_index"][own])) + 1):
            if len(crops):
                frame = int(column["frame_index"][crops[0]])
                shown = _shown(truth, frame)
                own_masks = [to_coco(tube[row], video.height_px, video.width_px) for row in crops.tolist()]
                hits, crowded[crops] = _compare(own_masks, column["class_id"][crops], shown, frame)
                covers |= {
                    row: [numbered + index for index in np.flatnonzero(hit)]
                    for row, hit in zip(crops.tolist(), hits, strict=True)
                    if hit.any()
                }
                numbered += len(shown.objects)
    return LabelCandidates(
        class_ids=column["class_id"].astype(np.int64),
        scores={name: column[name] for name in SCORES},
        area_share=area / (height.astype(np.float64) * width),
        kept=rows["kept"].to_numpy().astype(bool),
        by_hand=np.isin(rows["reason"].to_numpy(), (ACCEPTED, REJECTED)),
        crowded=crowded,
        covers=covers,
    )


def _video(name: str, last_frame: int, truth: Annotations, path: Path | str) -> Video:
    """The video of a name; one that has the last frame of its labels."""
    if name not in truth.by_name:
        raise UserError(f"{path}: video {name!r} is not among the videos of {truth.path}", fix=FIX)
    video = truth.by_name[name]
    if last_frame >= video.frames:
        raise UserError(
            f"{path}: video {name!r} has a label in frame {last_frame}, but {truth.path} gives it "
            f"{video.frames} frames",
            fix=FIX,
        )
    return video


def _check_sizes(sizes: np.ndarray, video: Video, path: Path | str) -> None:
    """See that all masks, of sizes (N, 2), are as large as their video."""
    size = [video.height_px, video.width_px]
    other = sizes[(sizes != size).any(axis=1)].tolist()
    if other:
        raise UserError(
            f"{path}: a mask of {other[0]} (height, width), in the truth the video is {size}",
            fix="take the frames at the size that the truth is written for",
        )


def _shown(truth: VideoTruth, frame: int) -> VideoTruth:
    """The objects to be seen in one frame."""
    pairs = [pair for pair in zip(truth.objects, truth.tubes, strict=True) if pair[1].areas_px.get(frame)]
    return VideoTruth([true for true, _ in pairs], [tube for _, tube in pairs])


def _compare(
    masks: Sequence[dict[str, Any]], class_ids: np.ndarray, truth: VideoTruth, frame: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which of G truths each of D crops covers, bool of shape (D, G), and which crops lie in crowds, of shape (D,)."""
    same = class_ids[:, None] == np.array([true.class_id for true in truth.objects], dtype=np.int64)
    crowd = np.array([true.crowd for true in truth.objects], dtype=bool)
    if not same.any():
        return np.zeros(same.shape, dtype=bool), np.zeros(len(masks), dtype=bool)
    others = [tube.mask(frame) for tube in truth.tubes]
    covered = (coco.iou(list(masks), others, crowd.astype(np.uint8).tolist()) > MATCH_IOU) & same
    hits = covered & ~crowd
    return hits, (covered & crowd).any(axis=1) & ~hits.any(axis=1)

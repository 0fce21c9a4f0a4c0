"""Section of the suspicious labels: the most doubtful ones, with a picture and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from uvis_core.drawing.pictures import PALETTE
from uvis_core.io.images import read_image
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.masks import MASKS
from uvis_core.jobs import progress
from uvis_core.pages.formats import shortened
from uvis_core.report.drawing.tiles import draw_tile, tile_uri
from uvis_core.report.review.chains import Chains
from uvis_core.report.review.doubts import Doubts, find_doubts, most_doubtful
from uvis_core.report.review.sample import NO_CLASS, KeptLabels, Sample
from uvis_core.report.split_files import SplitFiles, rows_where

# Fewer points are no reason that is worth a line.
LEAST_REASON = 0.2


@dataclass(frozen=True)
class Tile:
    """One label.

    Attributes:
        picture: JPEG as a data URI.
        name: Of its class.
        score: Class score.
        points: Sum of its points.
        reasons: In words, the weightiest first.
        video_id: Its video.
        frame_index: Its frame.
        mask_id: Its mask, which the tables know it by.
    """

    picture: str
    name: str
    score: float
    points: float
    reasons: tuple[str, ...]
    video_id: str
    frame_index: int
    mask_id: int


def facts(
    sample: Sample, chains: Chains, files: SplitFiles, names: Mapping[int, str], count: int
) -> dict[str, Any]:
    """What the section shows.

    Args:
        sample: Kept labels.
        chains: Theirs.
        files: Of their split.
        names: Class name by class id, in the order that gives the colours.
        count: Number of labels to show.
    """
    doubts = find_doubts(sample.labels, chains)
    rows = most_doubtful(sample.labels, chains, doubts, count)
    return {
        "tiles": draw_tiles(rows, sample, chains, doubts, files, names),
        "labels_looked_at": len(sample.labels),
        "videos_looked_at": len(sample.videos),
        "all_looked_at": len(sample.videos) == len(files.video_ids)
        and int(sample.frames.sum()) == int(files.frame_counts.sum()),
        "several_classes": len(names) > 1,
        "second_classes": bool((sample.labels.rival != NO_CLASS).any()),
    }


def draw_tiles(
    rows: np.ndarray,
    sample: Sample,
    chains: Chains,
    doubts: Doubts,
    files: SplitFiles,
    names: Mapping[int, str],
) -> list[Tile]:
    """A picture with words for each of these rows, in their order."""
    labels = sample.labels
    places = {class_id: place for place, class_id in enumerate(names)}
    tiles: dict[int, Tile] = {}
    by_video = rows[np.argsort(labels.video[rows], kind="stable")]
    for row in progress(by_video.tolist(), total=len(rows), unit="label", name="Suspicious labels"):
        video_id, frame = sample.videos[labels.video[row]], int(labels.frame[row])
        mask_id, class_id = int(labels.mask_id[row]), int(labels.class_id[row])
        path, mask = read_picture(files, video_id, frame, mask_id)
        colour = PALETTE[places.get(class_id, len(places)) % len(PALETTE)]
        size = mask["height_px"], mask["width_px"]
        tiles[row] = Tile(
            tile_uri(draw_tile(read_image(path), mask["rle_counts"], size, colour)),
            names.get(class_id, f"class {class_id}"),
            float(labels.class_score[row]),
            float(doubts.total[row]),
            reasons(row, labels, chains, doubts, names),
            video_id,
            frame,
            mask_id,
        )
    return [tiles[row] for row in rows.tolist()]


def read_picture(
    files: SplitFiles, video_id: str, frame_index: int, mask_id: int
) -> tuple[str, dict[str, Any]]:
    """Path of a frame, and the mask in it: run lengths, height and width."""
    shard, own = files.shard_of(video_id), pc.field("video_id") == video_id
    frames = rows_where(files.frames[shard], FRAMES, ["path"], own & (pc.field("frame_index") == frame_index))
    columns = ["rle_counts", "height_px", "width_px"]
    masks = rows_where(files.masks[shard], MASKS, columns, own & (pc.field("mask_id") == mask_id))
    return frames["path"][0].as_py(), masks.slice(0, 1).to_pylist()[0]


def reasons(
    row: int, labels: KeptLabels, chains: Chains, doubts: Doubts, names: Mapping[int, str]
) -> tuple[str, ...]:
    """Why one label is doubtful, in words; at least the weightiest reason."""
    others = int(chains.length[row]) - 1
    rival, common = int(labels.rival[row]), int(chains.common[row])
    share = 100 * labels.rival_share[row]
    texts = (
        f"{others - chains.others_agree[row]} of {others} neighbours disagree, most say {named(common, names)}",
        f"{named(rival, names)} is close: {share:.0f} % against {100 - share:.0f} %",
        f"similarity {labels.similarity[row]:.2f}, usual {doubts.similarity_median[row]:.2f}",
        f"covers {percent(labels.area_share[row])} of the frame, usual {percent(doubts.area_median[row])}",
    )
    points = doubts.points[:, row]
    order = np.argsort(-points, kind="stable")
    return tuple(
        texts[place] for rank, place in enumerate(order) if rank == 0 or points[place] >= LEAST_REASON
    )


def named(class_id: int, names: Mapping[int, str]) -> str:
    """A class's name in a sentence."""
    return shortened(names.get(class_id, f"class {class_id}"), 40)


def percent(share: float) -> str:
    """A share of a frame, with a decimal where it is small."""
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"

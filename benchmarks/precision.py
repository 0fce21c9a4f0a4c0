"""How far two tables of one stage are apart, such as those of precision fp32 and bf16 from equal inputs.

    python scripts/generate_masks.py --frames … --precision bf16 --output bf16.parquet   # flags: the run's own log
    python benchmarks/precision.py masks results/…/masks/test/shard-00-of-01.parquet bf16.parquet

masks: the first table's masks against the best of the second's in their frame. crops: row by row. tracks: the first
table's tracks above ``--least-score`` against the best of the second's in their video.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pycocotools import mask as coco
from tabulate import tabulate

from uvis_core.io.overlaps import tube_ious
from uvis_core.io.rle import to_coco
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import embedding_matrix, read_table
from uvis_core.io.tubes import Tube, build_tube

FITS = 0.9

Figures = dict[str, float]


def of_ious(kind: str, ious: np.ndarray) -> Figures:
    """Mean, and the share that is nearly the same."""
    return {
        f"mean IoU of {kind}": float(ious.mean()),
        f"{kind} of IoU {FITS} or more": float((ious >= FITS).mean()),
    }


def compare_masks(one: Path, other: Path, least_score: float) -> Figures:
    """Best IoU in the other table of each mask of at least this objectness, and what became of its objectness."""
    tables = [read_table(path, MASKS).to_pandas() for path in (one, other)]
    frames = [dict(list(table.groupby(["video_id", "frame_index"]))) for table in tables]
    ious, differences = [], []
    for key, rows in frames[0].items():
        kept = rows[rows.objectness >= least_score]
        if kept.empty:
            continue
        others = frames[1].get(key, rows.iloc[:0])
        size = (int(rows.height_px.iloc[0]), int(rows.width_px.iloc[0]))
        encoded = [[to_coco(text, *size) for text in table.rle_counts] for table in (kept, others)]
        found = np.zeros((len(kept), 1)) if others.empty else coco.iou(*encoded, [0] * len(others))
        ious += found.max(axis=1).tolist()
        if not others.empty:
            differences += np.abs(
                kept.objectness.to_numpy() - others.objectness.to_numpy()[found.argmax(axis=1)]
            ).tolist()
    return {
        "masks": len(ious),
        **of_ious("masks", np.array(ious)),
        "mean change of objectness": float(np.mean(differences)),
    }


def compare_crops(one: Path, other: Path, _: float) -> Figures:
    """Classes that changed, cosine of the two embeddings of a crop, change of the class score."""
    first, second = read_table(one, CROPS), read_table(other, CROPS)
    if first["mask_id"] != second["mask_id"]:
        raise SystemExit(f"{one} and {other} hold other masks: score the crops of the same masks table")
    vectors = [embedding_matrix(table["embedding"]).astype(np.float64) for table in (first, second)]
    cosines = (vectors[0] * vectors[1]).sum(axis=1) / np.prod(
        [np.linalg.norm(v, axis=1) for v in vectors], axis=0
    )
    changed = first["class_id"].to_numpy() != second["class_id"].to_numpy()
    scores = np.abs(first["class_score"].to_numpy() - second["class_score"].to_numpy())
    return {
        "crops": len(first),
        "classes changed": float(changed.mean()),
        "least cosine of embeddings": float(cosines.min()),
        "mean change of the class score": float(scores.mean()),
    }


def compare_tracks(one: Path, other: Path, least_score: float) -> Figures:
    """Best tube IoU in the other table of each track of at least this score, and whether its class stayed."""
    tables = [read_table(path, TRACKS).to_pandas() for path in (one, other)]
    videos = [dict(list(table.groupby("video_id"))) for table in tables]
    ious, same = [], []
    for video_id, rows in videos[0].items():
        kept = rows[rows.score >= least_score]
        if kept.empty:
            continue
        classes, tubes = zip(
            *(tracks_of(table) for table in (kept, videos[1].get(video_id, kept.iloc[:0]))), strict=True
        )
        found = tube_ious(tubes[0], tubes[1]) if tubes[1] else np.zeros((len(tubes[0]), 1))
        best = found.argmax(axis=1)
        ious += found.max(axis=1).tolist()
        same += [tubes[1] and classes[0][place] == classes[1][index] for place, index in enumerate(best)]
    return {
        "tracks": len(ious),
        **of_ious("tracks", np.array(ious)),
        "classes changed": 1 - float(np.mean(same)),
    }


def tracks_of(rows: pd.DataFrame) -> tuple[list[int], Sequence[Tube]]:
    """Class and tube of each track of a video."""
    tracks = [track for _, track in rows.groupby("track_id")]
    tubes = [
        build_tube(
            dict(zip(track.frame_index, map(str.encode, track.rle_counts), strict=True)),
            int(track.height_px.iloc[0]),
            int(track.width_px.iloc[0]),
        )
        for track in tracks
    ]
    return [int(track.class_id.iloc[0]) for track in tracks], tubes


KINDS: dict[str, Callable[[Path, Path, float], Figures]] = {
    "masks": compare_masks,
    "crops": compare_crops,
    "tracks": compare_tracks,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=KINDS)
    parser.add_argument("one", type=Path, help="table of the stage (Parquet)")
    parser.add_argument("other", type=Path, help="the same of another precision")
    parser.add_argument(
        "--least-score", type=float, default=0.3, help="objectness of masks, score of tracks (default: 0.3)"
    )
    arguments = parser.parse_args()
    figures = KINDS[arguments.stage](arguments.one, arguments.other, arguments.least_score)
    rows = [(name, value if isinstance(value, int) else f"{value:.4f}") for name, value in figures.items()]
    print(tabulate(rows, headers=("", arguments.stage), tablefmt="github", disable_numparse=True))

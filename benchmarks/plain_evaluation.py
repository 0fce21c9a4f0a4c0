"""The YTVIS protocol written the plain way: all in memory, loops in Python, masks compared frame by frame.

It shares no code with the package, so equal figures say something about both.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
AREAS = {"": (0, 1e10), "s": (0, 128**2), "m": (128**2, 256**2), "l": (256**2, 1e10)}


def plain_figures(folder: Path, class_agnostic: bool) -> dict[str, float]:
    """The twelve figures of results.json against truth.json."""
    truth = json.loads((folder / "truth.json").read_text())
    results = json.loads((folder / "results.json").read_text())
    for entry in [*truth["annotations"], *results]:
        areas = [float(coco.area(mask)) for mask in entry["segmentations"] if mask]
        entry["area"] = np.mean([area for area in areas if area]) if any(areas) else 0.0
    classes = sorted(category["id"] for category in truth["categories"])
    groups: dict[tuple[int, int], tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for side, entries in enumerate((results, truth["annotations"])):
        for entry in sorted(entries, key=lambda entry: entry["category_id"]):
            group = 0 if class_agnostic else entry["category_id"]
            groups[entry["video_id"], group][side].append(entry)
    ious = {}
    for key, (tracks, truths) in groups.items():
        tracks.sort(key=lambda entry: -entry["score"])
        del tracks[100:]
        ious[key] = [[frame_by_frame(track, known) for known in truths] for track in tracks]
    videos = sorted(video["id"] for video in truth["videos"])
    precision, recall = defaultdict(list), defaultdict(list)
    for group in [0] if class_agnostic else classes:
        for name, bounds in AREAS.items():
            found = [
                verdicts(*groups[v, group], ious[v, group], bounds) for v in videos if (v, group) in groups
            ]
            for most in (1, 10, 100):
                curve = accumulate(found, most)
                if curve is not None:
                    precision[name, most].append(curve[0])
                    recall[name, most].append(curve[1])
    figures = {f"AP{name}": mean(precision[name, 100]) for name in AREAS}
    figures["AP50"] = mean([curve[0] for curve in precision["", 100]])
    figures["AP75"] = mean([curve[5] for curve in precision["", 100]])
    figures |= {f"AR{most}": mean(recall["", most]) for most in (1, 10, 100)}
    return figures | {f"AR{name}": mean(recall[name, 100]) for name in AREAS if name}


def frame_by_frame(track: dict[str, Any], known: dict[str, Any]) -> float:
    """Tube IoU by one merge for the intersection and one for the union of every frame."""
    intersection = union = 0.0
    for one, other in zip(track["segmentations"], known["segmentations"], strict=True):
        if one and other:
            intersection += float(coco.area(coco.merge([one, other], True)))
            union += float(coco.area(coco.merge([one, other], False)))
        elif one or other:
            union += float(coco.area(one or other))
    return intersection / union if union else 0.0


def verdicts(
    tracks: list[Any], truths: list[Any], ious: list[list[float]], bounds: tuple[float, float]
) -> tuple[list[float], np.ndarray, np.ndarray, int]:
    """Scores; which tracks are right, which are ignored (10 thresholds x tracks); truths that count."""

    def outside(entry: dict[str, Any]) -> bool:
        return entry["area"] < bounds[0] or entry["area"] > bounds[1]

    ignored = [bool(known["iscrowd"]) or outside(known) for known in truths]
    order = sorted(range(len(truths)), key=lambda index: ignored[index])
    right = np.zeros((len(IOUS), len(tracks)), dtype=bool)
    skipped = np.zeros_like(right)
    for step, threshold in enumerate(IOUS):
        taken: set[int] = set()
        for index, track in enumerate(tracks):
            best, chosen = min(threshold, 1 - 1e-10), -1
            for other in order:
                if other in taken and not truths[other]["iscrowd"]:
                    continue
                if chosen >= 0 and not ignored[chosen] and ignored[other]:
                    break
                if ious[index][other] >= best:
                    best, chosen = ious[index][other], other
            if chosen >= 0:
                taken.add(chosen)
                right[step, index] = True
                skipped[step, index] = ignored[chosen]
            else:
                skipped[step, index] = outside(track)
    return [track["score"] for track in tracks], right, skipped, ignored.count(False)


def accumulate(found: list[Any], most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Precision (10 thresholds x 101 recalls) and highest recall (10) of one class; None without truth."""
    truths = sum(count for *_, count in found)
    if truths == 0:
        return None
    scores = np.concatenate([scores[:most] for scores, *_ in found])
    order = np.argsort(-scores, kind="mergesort")
    right = np.concatenate([right[:, :most] for _, right, _, _ in found], axis=1)[:, order]
    counts = ~np.concatenate([skipped[:, :most] for _, _, skipped, _ in found], axis=1)[:, order]
    precision, highest = np.zeros((len(IOUS), len(RECALLS))), np.zeros(len(IOUS))
    for step in range(len(IOUS)):
        good = np.cumsum(right[step] & counts[step]).astype(float)
        bad = np.cumsum(~right[step] & counts[step]).astype(float)
        reached = good / truths
        shares = (good / (good + bad + np.spacing(1))).tolist()
        for index in range(len(shares) - 1, 0, -1):
            shares[index - 1] = max(shares[index - 1], shares[index])
        if len(reached):
            highest[step] = reached[-1]
        for point, index in enumerate(np.searchsorted(reached, RECALLS, side="left")):
            if index < len(shares):
                precision[step, point] = shares[index]
    return precision, highest


def mean(values: list[Any]) -> float:
    """Mean over everything, -1 where there is nothing."""
    return float(np.mean(values)) if values else -1.0

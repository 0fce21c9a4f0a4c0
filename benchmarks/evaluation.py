"""Time and peak memory of the evaluation against the plain way, on a made-up set of the size of a val split.

The plain way is in ``plain_evaluation.py``. Both ways read the same files, each in a process of its own, and
must come to the same figures.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from plain_evaluation import plain_figures
from pycocotools import mask as coco

from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.evaluation.ytvis.protocols import PROTOCOLS

CLASSES = 40
WAVES = 6


def blob(shape: np.ndarray, waves: np.ndarray, height: int, width: int) -> dict[str, Any] | None:
    """Run lengths of an ellipse with a wavy edge.

    Args:
        shape: Centre y, centre x, half height, half width; px.
        waves: Amplitude in px and phase of the waves of the upper and the lower edge, shape (2, 2, waves).
        height: Height of the frame, px.
        width: Width of the frame, px.
    """
    columns = np.arange(max(0, int(shape[1] - shape[3])), min(width, int(shape[1] + shape[3])))
    if not len(columns):
        return None
    across = (columns - shape[1]) / shape[3]
    half = shape[2] * np.sqrt(np.clip(1 - across**2, 0, None))
    turns = np.pi * np.arange(1, waves.shape[2] + 1) * across[:, None]
    wavy = [(amplitude * np.sin(turns + phase)).sum(axis=1) for amplitude, phase in waves]
    top = np.clip(np.rint(shape[0] - half + wavy[0]), 0, height).astype(np.int64)
    bottom = np.clip(np.rint(shape[0] + half + wavy[1]), 0, height).astype(np.int64)
    visible = bottom > top
    if not visible.any():
        return None
    edges = np.stack([top + columns * height, bottom + columns * height], axis=1)[visible].ravel()
    runs = np.diff(edges, prepend=0, append=height * width)
    packed = coco.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return {"size": [height, width], "counts": packed["counts"].decode("ascii")}


def make_set(folder: Path, sizes: argparse.Namespace) -> None:
    """Write truth.json and results.json: wandering blobs, and predictions that are off by more and more."""
    generator = np.random.default_rng(0)
    videos, annotations, results = [], [], []
    frame = np.array([sizes.height, sizes.width])
    for video_id in range(1, sizes.videos + 1):
        videos.append({"id": video_id, "height": sizes.height, "width": sizes.width, "length": sizes.frames})
        for _ in range(sizes.truths):
            class_id = int(generator.integers(1, CLASSES + 1))
            centres = generator.uniform(0.25, 0.75, 2) * frame + np.cumsum(
                generator.normal(0, 4, (sizes.frames, 2)), axis=0
            )
            half = generator.uniform(0.08, 0.25, 2) * frame
            path = np.concatenate([centres, np.broadcast_to(half, centres.shape)], axis=1)

            def track(path: np.ndarray, error: float) -> list[dict[str, Any] | None]:
                moved = path + error * generator.normal(0, 1, 4) * path[:, 2:].repeat(2, axis=1)
                moved[:, 2:] = np.maximum(moved[:, 2:], 2)
                waves = generator.normal(0, 3, (2, 2, WAVES))
                return [blob(shape, waves, sizes.height, sizes.width) for shape in moved]

            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "video_id": video_id,
                    "category_id": class_id,
                    "iscrowd": 0,
                    "segmentations": track(path, 0),
                }
            )
            for rank in range(sizes.predictions):
                results.append(
                    {
                        "video_id": video_id,
                        "category_id": class_id if rank % 3 else int(generator.integers(1, CLASSES + 1)),
                        "score": float(generator.uniform()),
                        "segmentations": track(path, 0.02 * rank),
                    }
                )
    classes = [{"id": class_id, "name": f"class {class_id}"} for class_id in range(1, CLASSES + 1)]
    truth = {"videos": videos, "categories": classes, "annotations": annotations}
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps(results))


def ours(folder: Path, class_agnostic: bool) -> dict[str, float]:
    """The figures by the package."""
    settings = EvaluationSettings(class_agnostic=class_agnostic)
    figures = evaluate_tracks(folder / "truth.json", [folder / "results.json"], settings)
    return {figure.name: figures[figure.name] for figure in PROTOCOLS["ytvis"].figures}


def measured(name: str, folder: Path, class_agnostic: bool) -> tuple[dict[str, float], float, float]:
    """Figures, seconds and peak resident memory in MB of this process."""
    started = time.perf_counter()
    figures = {"ours": ours, "plain": plain_figures}[name](folder, class_agnostic)
    seconds = time.perf_counter() - started
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return figures, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def compare(folder: Path, class_agnostic: bool, names: list[str]) -> None:
    """Measure the named ways, print their ratio, end with an error where their figures differ."""
    print("class-agnostic" if class_agnostic else "class-aware")
    found = {}
    for name in names:
        # A process per way: peak memory never falls.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found[name] = pool.apply(measured, (name, folder, class_agnostic))
        figures, seconds, memory = found[name]
        print(f"  {name:>5}: {seconds:7.2f} s, peak {memory:6.0f} MB, AP {figures['AP']:.4f}", flush=True)
    if len(found) == 2:
        (ours_figures, *ours_use), (plain, *plain_use) = found["ours"], found["plain"]
        difference = max(abs(ours_figures[key] - value) for key, value in plain.items())
        time_ratio, memory_ratio = (theirs / mine for theirs, mine in zip(plain_use, ours_use, strict=True))
        print(f"  plain / ours: {time_ratio:.1f} x time, {memory_ratio:.1f} x memory", end="; ")
        print(f"largest difference of {len(plain)} figures {difference:.1e}")
        if difference > 1e-9:
            sys.exit("the two ways do not agree")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="20 videos, a check of a few seconds")
    parser.add_argument("--videos", type=int, default=300)
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--truths", type=int, default=2, help="per video (default: 2)")
    parser.add_argument("--predictions", type=int, default=10, help="per truth (default: 10)")
    parser.add_argument("--only", choices=["ours", "plain"], help="measure one way alone")
    sizes = parser.parse_args()
    if sizes.small:
        sizes.videos = 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Not in this process: the peak of a child counts from what its parent held when it began.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(make_set, (folder, sizes))
        results_mb = (folder / "results.json").stat().st_size / 1024**2
        shape = f"{sizes.frames} frames of {sizes.height} x {sizes.width}"
        print(f"{sizes.videos} videos, {shape}, results of {results_mb:.0f} MB", flush=True)
        for class_agnostic in (False, True):
            compare(folder, class_agnostic, [sizes.only] if sizes.only else ["ours", "plain"])


if __name__ == "__main__":
    main()

"""MaskCut on annotated clips: time per frame and agreement with the dense eigensolver, and how well masks fit objects.

Each frame is cut twice from the same affinities, by the iterative solver and by ``scipy.linalg.eigh`` on the same
generalised problem. Fit is the IoU of the best of the frame's masks with the annotated pixels, at the frame's size, for
the cut as configured, for the same without motion, and for its bare patches without the filter. Annotations are looked
at for that figure alone.

    python benchmarks/maskcut.py --images JPEGImages/480p --annotations Annotations/480p --weights vits14.safetensors
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import scipy.linalg
import torch
from tabulate import tabulate
from torch import Tensor

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.masks import MaskCutSettings
from uvis_core.frames.sources import image_files
from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.annotations.model import VideoTruth
from uvis_core.io.atomic import write_json
from uvis_core.io.devices import pick_device
from uvis_core.io.images import image_size
from uvis_core.io.rle import decode_masks
from uvis_core.masks.cut import FoundObject, cut_frames
from uvis_core.masks.maskcut import MovingFrames, resize_to_patches
from uvis_core.masks.normalised_cut import Cuts
from uvis_core.masks.refine import refine
from uvis_core.vit.transformer import Vit, load_vit, patch_features

Result = TypeVar("Result")


def dense_solver(affinity: Tensor, alive: Tensor) -> Cuts:
    """The same problem by LAPACK, one graph at a time, in float64."""
    vectors, values = torch.zeros(alive.shape), torch.zeros(len(alive))
    for index, (graph, living) in enumerate(zip(affinity.cpu().double(), alive.cpu(), strict=True)):
        inside = graph[living][:, living].numpy()
        degrees = np.diag(inside.sum(axis=1))
        value, vector = scipy.linalg.eigh(degrees - inside, degrees, subset_by_index=[1, 1])
        upright = vector[:, 0] * np.sign(vector[np.abs(vector[:, 0]).argmax(), 0])
        vectors[index, living] = torch.from_numpy(upright / np.linalg.norm(upright)).float()
        values[index] = float(value[0])
    return Cuts(vectors, values)


def iou(mask: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks that are not both empty."""
    return float((mask & other).sum() / (mask | other).sum())


def best_iou(masks: np.ndarray, truth: np.ndarray) -> float:
    """The IoU of the mask that fits best; 0 without masks."""
    return max((iou(mask, truth) for mask in masks), default=0.0)


class Clock:
    """Measures pieces of work: in CPU seconds on a CPU, where others may compute too, else by the wall clock."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do the work and keep its time."""
        now = time.process_time if self.device.type == "cpu" else time.perf_counter
        started = now()
        result = work(*arguments)
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        self.seconds[name] = now() - started
        return result


def pixel_masks(found: list[FoundObject], image: Tensor, radius: int) -> np.ndarray:
    """The objects' masks at the size of the frame."""
    soft = torch.from_numpy(np.stack([entry.soft for entry in found])).to(image.device)
    return refine(soft, image, radius).cpu().numpy()


def object_mask(truth: VideoTruth, frame: int) -> np.ndarray:
    """All annotated objects of a frame as one mask."""
    masks = [
        decode_masks([counts], tube.height_px, tube.width_px)[0]
        for true, tube in zip(truth.objects, truth.tubes, strict=True)
        if not true.crowd and (counts := tube.counts.get(frame)) is not None
    ]
    return np.any(masks, axis=0)


def measure_frame(
    vit: Vit,
    moving: MovingFrames,
    frame: int,
    target: np.ndarray,
    settings: MaskCutSettings,
    device: torch.device,
) -> dict[str, float]:
    """Times and fits of one frame by name."""
    clock, still = Clock(device), settings.model_copy(update={"motion_tolerance": None})
    image, motion = clock("s_motion", moving.__getitem__, frame)
    image, motion = image.to(device), motion[None].to(device)
    resized = resize_to_patches(image[None], settings.short_side_px, vit.patch_px)
    features = clock("s_features", patch_features, vit, resized, settings.features, "fp32")
    (found,) = clock("s_cuts", cut_frames, features, motion, settings)
    (dense,) = clock("s_cuts_dense", cut_frames, features, motion, settings, dense_solver)
    fine = clock("s_filter", pixel_masks, found, image, settings.filter_radius_px)
    (unmoved,) = cut_frames(features, None, still)
    agreement = [iou(own.mask, other.mask) for own, other in zip(found, dense, strict=False)]
    return {
        **clock.seconds,
        "iou_with_dense": float(np.mean(agreement)),
        "masks_as_dense": float(len(found) == len(dense) and min(agreement) >= 0.99),
        "best_iou": best_iou(fine, target),
        "best_iou_unfiltered": best_iou(pixel_masks(found, image, 0), target),
        "best_iou_without_motion": best_iou(pixel_masks(unmoved, image, settings.filter_radius_px), target),
    }


def main(arguments: argparse.Namespace) -> None:
    device, settings = pick_device(arguments.device), read_settings(arguments, MaskCutSettings)
    vit = load_vit(settings.model, arguments.weights, device)
    clips = {}
    annotations = read_davis(arguments.annotations)
    for name in annotations.videos:
        truth = annotations.read(name)
        folder = Path(arguments.images) / str(name)
        files = [str(folder / file) for file in image_files(folder)]
        height, width = image_size(files[0])
        rows = [{"video_id": name, "height_px": height, "width_px": width, "path": path} for path in files]
        moving = MovingFrames(rows, settings.short_side_px, vit.patch_px, with_motion=True)
        measured = []
        for frame in range(arguments.first, len(files), arguments.stride):
            target = object_mask(truth, frame)
            if target.any():
                measured.append(measure_frame(vit, moving, frame, target, settings, device))
        clips[str(name)] = {key: float(np.mean([row[key] for row in measured])) for key in measured[0]}
        print(name, *(f"{key} {value:.3f}" for key, value in clips[str(name)].items()), flush=True)
    mean = {key: float(np.mean([clip[key] for clip in clips.values()])) for key in clips[next(iter(clips))]}
    rows = [[name, *clip.values()] for name, clip in {**clips, "mean": mean}.items()]
    print(tabulate(rows, ["clip", *mean], floatfmt=".3f"))
    if arguments.output:
        write_json(
            arguments.output, {"settings": settings.model_dump(), "mean": mean, "clips": clips}, indent=1
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", required=True, metavar="DIR", help="a folder of images per clip")
    parser.add_argument("--annotations", required=True, metavar="DIR", help="a folder of PNG images per clip")
    parser.add_argument("--weights", required=True, metavar="FILE", help="of the vision transformer")
    parser.add_argument("--first", type=int, default=0, help="first frame of each clip (default: 0)")
    parser.add_argument("--stride", type=int, default=1, help="every n-th frame of each clip (default: 1)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--output", metavar="FILE", help="figures to write (json)")
    add_settings(parser, MaskCutSettings)
    main(parser.parse_args())

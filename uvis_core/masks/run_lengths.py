"""Run-length encoding where the masks are: on the accelerator, so that only the ends of runs leave it.

A frame of 720p with 100 masks is 92 MB of pixels, but some hundred kilobytes of runs.
"""

from collections.abc import Sequence

import numpy as np
import torch
from pycocotools import mask as coco
from torch import Tensor


def run_lengths(masks: Tensor) -> list[np.ndarray]:
    """Lengths of the runs of each mask, in COCO's order.

    Args:
        masks: bool (N, H, W), on any device.

    Returns:
        N int64 arrays. Runs go down the columns and alternate between outside and inside; the first counts pixels
        outside and may be 0.
    """
    number, height, width = masks.shape
    if number == 0:
        return []
    down_columns = masks.transpose(1, 2).reshape(number, height * width)
    before = torch.cat([torch.zeros_like(down_columns[:, :1]), down_columns[:, :-1]], dim=1)
    changes = (down_columns != before).nonzero().cpu().numpy()  # (changes, 2): mask, pixel; sorted
    per_mask = np.split(changes[:, 1], np.cumsum(np.bincount(changes[:, 0], minlength=number))[:-1])
    return [np.diff(pixels, prepend=0, append=height * width) for pixels in per_mask]


def compress_runs(runs: Sequence[np.ndarray], height: int, width: int) -> list[str]:
    """COCO's compressed text of each mask's runs."""
    plain = [{"size": [height, width], "counts": lengths.tolist()} for lengths in runs]
    return [rle["counts"].decode("ascii") for rle in coco.frPyObjects(plain, height, width)] if plain else []


def area_px(runs: np.ndarray) -> int:
    """Pixels inside: the sum of every second run."""
    return int(runs[1::2].sum())

"""MaskCut: normalised cuts one after the other, each without the patches of the objects found before.

Wang et al., Cut and Learn for Unsupervised Object Detection and Instance Segmentation, CVPR 2023, section 3.2. Patches
can be compared by their motion as well as by their looks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from uvis_core.config.masks import MaskCutSettings
from uvis_core.masks.foreground import foreground
from uvis_core.masks.normalised_cut import Cuts, second_eigenvectors

UNLINKED = 1e-5
"""Affinity of patches that are not alike: the graph stays connected."""
FEWEST_PATCHES = 4
LEAST_MOTION = 1 / 28
"""Motions that differ by less, in sides of a patch per frame, are alike even where nothing moves: half a pixel in
patches of 14."""
SURROUNDINGS, REACH = 6, 2
"""Patches around an object that its looks are compared with, and up to which it can be larger than its patches."""
Solver = Callable[[Tensor, Tensor], Cuts]


class FoundObject(NamedTuple):
    """One object of a frame.

    Attributes:
        mask: bool (h, w), its patches.
        soft: float32 (h, w), 0 to 1: how much each patch belongs to the object, by the eigenvector and by its looks.
        objectness: 0 to 1, see ``objectness``.
    """

    mask: np.ndarray
    soft: np.ndarray
    objectness: float


def cut_frames(
    features: Tensor, motion: Tensor | None, settings: MaskCutSettings, solver: Solver = second_eigenvectors
) -> list[list[FoundObject]]:
    """Find objects in frames.

    MaskCut sets the features of found objects to zero; here their patches leave the graph, so that no later object
    can grow over them.

    Args:
        features: float32 (B, h, w, D), unit length.
        motion: float32 (B, h, w, 2), from ``patch_motion``; None compares by looks alone.
        settings: Of the cut.
        solver: Gives the second smallest eigenvectors.

    Returns:
        For each frame its objects, in the order of the cuts; at most ``masks_per_frame``, none empty.
    """
    nodes = features.flatten(1, 2)
    moves = None if motion is None else motion.flatten(1, 2)
    graph = affinities(nodes, moves, settings)
    alive = torch.ones(nodes.shape[:2], dtype=torch.bool, device=nodes.device)
    found: list[list[FoundObject]] = [[] for _ in features]
    for _ in range(settings.masks_per_frame):
        open_frames = (alive.sum(dim=1) >= FEWEST_PATCHES).nonzero()[:, 0]
        if len(open_frames) == 0:
            break
        whole = len(open_frames) == len(graph)
        vectors = solver(graph if whole else graph[open_frames], alive[open_frames]).vectors.cpu().numpy()
        for frame, vector in zip(open_frames.tolist(), vectors, strict=True):
            living = alive[frame].cpu().numpy().reshape(features.shape[1:3])
            mask, centred = foreground(vector.reshape(living.shape), living)
            if not mask.any():
                alive[frame] = False
                continue
            inside = torch.from_numpy(mask.ravel()).to(alive.device)
            score = objectness(mask, graph[frame], inside)
            soft = (soft_mask(mask, centred, living) + likeness(mask, features[frame])) / 2
            found[frame].append(FoundObject(mask, soft, score))
            alive[frame] &= ~inside
    return found


def affinities(nodes: Tensor, moves: Tensor | None, settings: MaskCutSettings) -> Tensor:
    """How alike patches are: linked by their looks or not, times the likeness of their motions, from 1e-5 to 1.

    Motions are compared on the scale of the frame's own motion: their median distance from the median motion, which is
    mostly the camera's.

    Args:
        nodes: float32 (B, P, D), unit length.
        moves: float32 (B, P, 2), or None.
        settings: Thresholds.

    Returns:
        float32 (B, P, P), symmetric.
    """
    graph = (torch.bmm(nodes, nodes.transpose(1, 2)) > settings.affinity_threshold).to(nodes.dtype)
    if moves is not None and settings.motion_tolerance is not None:
        spread = (moves - moves.median(dim=1, keepdim=True).values).norm(dim=2).median(dim=1).values
        scale = (settings.motion_tolerance * spread).clamp(min=LEAST_MOTION)[:, None, None]
        squares = sum((axis[:, :, None] - axis[:, None]).square() for axis in moves.unbind(dim=2))
        graph *= torch.exp(-squares / (2 * scale**2))
    return graph.clamp(min=UNLINKED)


def soft_mask(mask: np.ndarray, centred: np.ndarray, alive: np.ndarray) -> np.ndarray:
    """Scale an eigenvector such that its mean over the object is 1 and over the background 0, cut off beyond.

    Args:
        mask: bool (h, w), the object.
        centred: float64 (h, w), positive on the object's side.
        alive: bool (h, w); dead patches, and others of the object's side that are not connected, get 0.

    Returns:
        float32 (h, w).
    """
    background = alive & (centred <= 0)
    low = centred[background].mean() if background.any() else 0.0
    share = np.clip((centred - low) / (centred[mask].mean() - low), 0, 1)
    return np.where(mask | background, share, 0).astype(np.float32)


def likeness(mask: np.ndarray, features: Tensor) -> np.ndarray:
    """Compare the looks of each patch with those of the object and of what lies around it.

    Motion reaches over outlines, because optical flow is smooth; looks do not.

    Args:
        mask: bool (h, w), the object, not empty.
        features: float32 (h, w, D), unit length.

    Returns:
        float32 (h, w): along the line between the mean of the object's features and that of its surroundings, 1 at the
        object's mean and 0 at the other, cut off beyond; 0 far from the object, and everywhere where it has no
        surroundings.
    """
    around = ndimage.binary_dilation(mask, iterations=SURROUNDINGS) & ~mask
    if not around.any():
        return np.zeros(mask.shape, np.float32)
    looks = features.cpu().numpy()
    places = looks @ (looks[mask].mean(axis=0) - looks[around].mean(axis=0))
    low, high = places[around].mean(), places[mask].mean()
    share = np.clip((places - low) / max(high - low, np.finfo(np.float32).tiny), 0, 1)
    return np.where(ndimage.binary_dilation(mask, iterations=REACH), share, 0).astype(np.float32)


def objectness(mask: np.ndarray, graph: Tensor, inside: Tensor) -> float:
    """How well an object is set off and how freely it stands in the picture, from the cut itself.

    The share of its patches' affinity that stays inside (1 minus the object's term of the normalised cut), times the
    share of the frame's border that it leaves free: what runs along the border is background most of the time.

    Args:
        mask: bool (h, w), not empty.
        graph: float32 (P, P), affinities.
        inside: bool (P,), the same mask as the graph counts patches.

    Returns:
        0 to 1, in the float32 that tables store, so that floors and thresholds see the same number.
    """
    own = graph[inside]
    kept = float(own[:, inside].sum(dtype=torch.float64) / own.sum(dtype=torch.float64))
    border = np.ones(mask.shape, dtype=bool)
    border[1:-1, 1:-1] = False
    return float(np.float32(kept * (1 - mask[border].mean())))

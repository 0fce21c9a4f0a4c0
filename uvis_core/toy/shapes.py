"""Outlines of the toy world's shapes, as polygons in the unit disk."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]
"""Vertices (P, 2) as x, y with y pointing down; closed implicitly."""

CURVE_POINTS = 48


def _regular(corners: int) -> Polygon:
    angle = np.arange(corners) * 2 * np.pi / corners
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _star(rng: np.random.Generator) -> list[Polygon]:
    points = _regular(10)
    points[1::2] *= rng.uniform(0.42, 0.52)
    return [points]


def _ring(rng: np.random.Generator) -> list[Polygon]:
    circle = _regular(CURVE_POINTS)
    return [circle, circle * rng.uniform(0.4, 0.52)]


def _cross(rng: np.random.Generator) -> list[Polygon]:
    a = rng.uniform(0.3, 0.38)
    quarter = np.array([[a, -1.0], [a, -a], [1.0, -a]])
    turns = [np.array([[c, -s], [s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return [np.concatenate([quarter @ turn.T for turn in turns])]


def _heart(rng: np.random.Generator) -> list[Polygon]:
    t = np.linspace(0, 2 * np.pi, CURVE_POINTS, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [np.stack([x * rng.uniform(0.95, 1.1), y], axis=1)]


def _arrow(rng: np.random.Generator) -> list[Polygon]:
    shaft, neck = rng.uniform(0.26, 0.36), rng.uniform(-0.1, 0.15)
    upper = np.array([[1.0, 0.0], [neck, -0.75], [neck, -shaft], [-1.0, -shaft]])
    return [np.concatenate([upper, upper[:0:-1] * [1, -1]])]


def _crescent(rng: np.random.Generator) -> list[Polygon]:
    # The unit disk less a disk around (shift, 0): outer circle from horn to horn, inner one back.
    shift = rng.uniform(0.38, 0.46)
    inner = 1 + shift - shift * rng.uniform(1.45, 1.65)
    horn_x = (1 - inner**2 + shift**2) / (2 * shift)
    outer_half = np.arccos(horn_x)
    inner_half = np.arccos((horn_x - shift) / inner)
    there = np.linspace(outer_half, 2 * np.pi - outer_half, CURVE_POINTS)
    back = np.linspace(2 * np.pi - inner_half, inner_half, CURVE_POINTS)[1:-1]
    outer = np.stack([np.cos(there), np.sin(there)], axis=1)
    hollow = np.stack([shift + inner * np.cos(back), inner * np.sin(back)], axis=1)
    return [np.concatenate([outer, hollow])]


def _hexagon(rng: np.random.Generator) -> list[Polygon]:
    return [_regular(6) * [1.0, rng.uniform(0.85, 1.0)]]


def _blob(rng: np.random.Generator) -> list[Polygon]:
    angle = np.linspace(0, 2 * np.pi, CURVE_POINTS, endpoint=False)
    radius = np.ones_like(angle)
    for wave in (2, 3, 4):
        radius += rng.uniform(0.06, 0.16) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return [np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def _drop(rng: np.random.Generator) -> list[Polygon]:
    t = np.linspace(0, 2 * np.pi, CURVE_POINTS, endpoint=False)
    return [np.stack([np.cos(t), rng.uniform(0.75, 0.95) * np.sin(t) * np.sin(t / 2) ** 1.5], axis=1)]


def _bolt(rng: np.random.Generator) -> list[Polygon]:
    points = np.array([[0.4, -1.0], [-0.55, 0.15], [-0.05, 0.15], [-0.2, 1.0], [0.55, -0.25], [0.05, -0.25]])
    return [points * [rng.uniform(0.9, 1.2), 1.0]]


def _leaf(rng: np.random.Generator) -> list[Polygon]:
    x = np.linspace(-1, 1, CURVE_POINTS // 2)
    bow = rng.uniform(0.42, 0.6) * (1 - x**2)
    return [np.concatenate([np.stack([x, -bow], axis=1), np.stack([x, bow], axis=1)[-2:0:-1]])]


CLASSES = ("star", "ring", "cross", "heart", "arrow", "crescent")
"""Shapes of the vocabulary; class id in files = position + 1."""

DISTRACTORS = ("hexagon", "blob", "drop", "bolt", "leaf")
"""Shapes that no vocabulary names and no truth annotates."""

KINDS = CLASSES + DISTRACTORS
"""All shapes; a kind index below ``len(CLASSES)`` is a class, any other a distractor."""

_OUTLINES: dict[str, Callable[[np.random.Generator], list[Polygon]]] = {
    "star": _star,
    "ring": _ring,
    "cross": _cross,
    "heart": _heart,
    "arrow": _arrow,
    "crescent": _crescent,
    "hexagon": _hexagon,
    "blob": _blob,
    "drop": _drop,
    "bolt": _bolt,
    "leaf": _leaf,
}


def outline(kind: str, rng: np.random.Generator) -> list[Polygon]:
    """Draw one example of a shape, slightly stretched and varied as its kind allows.

    Args:
        kind: one of ``KINDS``.
        rng: source of the variation.

    Returns:
        Polygons to be filled by the even-odd rule (a second polygon is a hole); the middle of their bounding
        box lies at the origin and the farthest vertex at distance 1.

    Raises:
        KeyError: if ``kind`` is unknown.
    """
    stretch = np.array([1.0, rng.uniform(0.88, 1.0)])
    polygons = [polygon * stretch for polygon in _OUTLINES[kind](rng)]
    outer = polygons[0]
    middle = (outer.min(axis=0) + outer.max(axis=0)) / 2
    reach = np.linalg.norm(outer - middle, axis=1).max()
    return [(polygon - middle) / reach for polygon in polygons]

"""Smooth paths through the view: wandering, crossing, leaving and coming back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

WANDER, CROSS, VISIT = "wander", "cross", "visit"
HABITS = (WANDER, CROSS, VISIT)
HABIT_SHARES = (0.55, 0.15, 0.3)


def smooth_path(
    keys: NDArray[np.float64], points: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Evaluate a cubic spline through key points.

    Args:
        keys: rising times (K,) in 0-1, K >= 2.
        points: positions (K, 2) in pixels.
        times: (T,) in 0-1.

    Returns:
        Positions (T, 2) in pixels.
    """
    return CubicSpline(keys, points, bc_type="natural")(times)


def draw_path(
    rng: np.random.Generator,
    times: NDArray[np.float64],
    height: int,
    width: int,
    radius: float,
    margin: float,
) -> NDArray[np.float64]:
    """Draw the path of one thing.

    A wanderer stays in view, a crosser comes in at one side and leaves at another, a visitor leaves in the middle and
    comes back.

    Args:
        rng: source of randomness.
        times: (T,) in 0-1 at which the path is wanted.
        height: of the view, pixels.
        width: of the view, pixels.
        radius: of the thing, pixels.
        margin: how far beyond ``radius`` outside means outside whatever the camera does, pixels.

    Returns:
        Positions (T, 2) as x, y in pixels of the view at rest.
    """
    size = np.array([width, height], float)
    habit = HABITS[rng.choice(len(HABITS), p=HABIT_SHARES)]
    if habit == WANDER:
        points = [_inside(rng, size)]
        for _ in range(2):
            step = rng.normal(0, 0.25, 2) * size
            points.append(np.clip(points[-1] + step, 0.12 * size, 0.88 * size))
        return smooth_path(np.array([0, 0.5, 1]), np.array(points), times)
    if habit == CROSS:
        side = rng.integers(2)
        away = radius + margin
        points = [_inside(rng, size) for _ in range(3)]
        points[0][side], points[2][side] = -away, size[side] + away
        points[1] = (points[0] + points[2]) / 2 + rng.normal(0, 0.12, 2) * size
        return smooth_path(np.array([0, 0.5, 1]), np.array(points[:: rng.choice([-1, 1])]), times)
    first, last = _inside(rng, size), _inside(rng, size)
    side, far = rng.integers(2), rng.integers(2)
    outside = (first + last) / 2
    outside[side] = size[side] + radius + margin if far else -radius - margin
    middle = rng.uniform(0.35, 0.65)
    keys = np.array([0, middle - 0.08, middle + 0.08, 1])
    return smooth_path(keys, np.array([first, outside, outside, last]), times)


def _inside(rng: np.random.Generator, size: NDArray[np.float64]) -> NDArray[np.float64]:
    return rng.uniform(0.15, 0.85, 2) * size


def draw_camera(rng: np.random.Generator, times: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Draw the camera's pan.

    Args:
        rng: source of randomness.
        times: (T,) in 0-1.
        reach: largest shift on either axis, pixels.

    Returns:
        Shifts (T, 2) as x, y in pixels, each within ``reach``; some cameras hardly move.
    """
    strength = reach * rng.choice([0.1, 0.5, 1.0])
    points = rng.uniform(-0.8, 0.8, (3, 2)) * strength
    return np.clip(smooth_path(np.array([0, 0.5, 1]), points, times), -reach, reach)

"""Smooth paths through the view: wandering, crossing, leaving and coming back."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

WANDER, CROSS, VISIT = "wander", "cross", "visit"
HABITS = (WANDER, CROSS, VISIT)
RETURN_SHARE = 0.6875
"""Of the things that leave, those that come back; the others cross the view once."""
KEYS = (0.0, 0.5, 1.0)


def draw_path(
    rng: np.random.Generator,
    height: int,
    width: int,
    outside_px: float,
    through: NDArray[np.float64],
    leaving_share: float,
) -> CubicSpline:
    """Draw the path of one thing.

    A wanderer stays in view; a crosser comes in at one side and leaves at the opposite one; a visitor leaves
    in the middle and comes back.

    Args:
        rng: source of randomness.
        height: of the view, pixels.
        width: of the view, pixels.
        outside_px: how far beyond the border the thing's centre is surely out of view, pixels.
        through: position (2,) that a wanderer or crosser passes half-way, pixels.
        leaving_share: probability that the thing is not a wanderer.

    Returns:
        From times (T,) in 0-1 to positions (T, 2) as x, y in pixels of the view at rest.
    """
    size = np.array([width, height], float)
    visiting = leaving_share * RETURN_SHARE
    habit = HABITS[rng.choice(len(HABITS), p=(1 - leaving_share, leaving_share - visiting, visiting))]
    side, far = rng.integers(2), bool(rng.integers(2))
    if habit == WANDER:
        middle = through
        ends = np.clip(middle + rng.normal(0, 0.15, (2, 2)) * size, 0.15 * size, 0.85 * size)
    elif habit == CROSS:
        middle = through
        ends = middle + rng.normal(0, 0.15, (2, 2)) * size
        ends[int(far), side], ends[1 - int(far), side] = -outside_px, size[side] + outside_px
    else:
        near = rng.uniform(0.2, 0.5, 2) * size[side]
        ends = rng.uniform(0.15, 0.85, (2, 2)) * size
        ends[:, side] = size[side] - near if far else near
        middle = ends.mean(axis=0)
        middle[side] = size[side] + outside_px if far else -outside_px
    return CubicSpline(KEYS, np.array([ends[0], middle, ends[1]]), bc_type="natural")


def draw_camera(
    rng: np.random.Generator, times: NDArray[np.float64], reach: float, shake_px: float = 0.0
) -> NDArray[np.float64]:
    """Draw the camera's pan, and how the hand that holds it trembles.

    Args:
        rng: source of randomness.
        times: (T,) in 0-1.
        reach: largest shift on either axis, pixels.
        shake_px: largest standard deviation of the trembling, pixels; each camera draws its own.

    Returns:
        Shifts (T, 2) as x, y in pixels, each within ``reach``; some cameras hardly move.
    """
    strength = reach * rng.choice([0.1, 0.5, 1.0])
    points = rng.uniform(-0.8, 0.8, (3, 2)) * strength
    # Of its own generator, so that the scene stays the same in a steadier hand.
    (hand,) = rng.spawn(1)
    trembling = hand.uniform(0, shake_px) * hand.standard_normal((len(times), 2))
    return np.clip(CubicSpline(KEYS, points, bc_type="natural")(times) + trembling, -reach, reach)

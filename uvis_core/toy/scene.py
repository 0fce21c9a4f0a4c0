"""Scenes: what moves where over time, before anything is drawn to pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uvis_core.toy.motion import draw_camera, draw_path
from uvis_core.toy.shapes import CLASSES, DISTRACTORS, KINDS, Polygon, outline
from uvis_core.toy.textures import Texture, background_texture, thing_texture

CAMERA_REACH_PX = 20
RADIUS_PX = (16.0, 29.0)
MEETING_SHARE, LEAVING_SHARE = 0.3, 0.32
"""Of the scenes that the embedded models learn from; the demonstration's videos are set in the configuration."""
COUNTS = (2, 3)
"""Things of the vocabulary in the scenes that the embedded models learn from."""
PLACES = 8
"""Places tried for a thing that is to meet no other; the one farthest from the others is taken."""


@dataclass(frozen=True)
class Thing:
    """One moving shape; arrays run over the scene's T moments.

    Attributes:
        kind: index into ``KINDS``.
        polygons: outline in the unit disk, filled by the even-odd rule.
        texture: float32 (S, S, 3) over [-1, 1] squared.
        centres_px: (T, 2) as x, y in the view at rest (before the camera's shift).
        radii_px: (T,) length of the unit.
        angles: (T,) radians.
    """

    kind: int
    polygons: list[Polygon]
    texture: Texture
    centres_px: NDArray[np.float64]
    radii_px: NDArray[np.float64]
    angles: NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """A background and the things before it, farthest first.

    Attributes:
        height: of the view, pixels.
        width: of the view, pixels.
        background: float32 (height + 2 * CAMERA_REACH_PX, width + 2 * CAMERA_REACH_PX, 3).
        camera_px: (T, 2) as x, y shift of the camera, each within CAMERA_REACH_PX.
        things: in drawing order: later ones hide earlier ones.
        blur_px: sigma of the lens.
        noise: standard deviation of the sensor's noise, of 255.
        noise_seed: seed of that noise.
    """

    height: int
    width: int
    background: Texture
    camera_px: NDArray[np.float64]
    things: Sequence[Thing]
    blur_px: float
    noise: float
    noise_seed: int


def draw_kinds(
    rng: np.random.Generator, required: Sequence[int] = (), counts: Sequence[int] = COUNTS
) -> list[int]:
    """Draw which shapes a scene holds.

    Some are of the vocabulary, often twice the same, and up to two are distractors.

    Args:
        rng: source of randomness.
        required: kind indices that must occur, as many as the number drawn allows, the first ones first; for a data
            set in which no class is rare.
        counts: of things of the vocabulary, each as likely as the others.

    Returns:
        Kind indices, in random depth order.
    """
    count = int(rng.choice(counts))
    classes = list(required[:count])
    while len(classes) < count:
        again = bool(classes) and rng.random() < 0.4
        classes.append(int(rng.choice(classes) if again else rng.integers(len(CLASSES))))
    distractors = rng.integers(len(DISTRACTORS), size=rng.choice(3, p=[0.3, 0.5, 0.2])) + len(CLASSES)
    kinds = classes + distractors.tolist()
    return [kinds[place] for place in rng.permutation(len(kinds))]


def draw_scene(
    rng: np.random.Generator,
    kinds: Sequence[int],
    times: NDArray[np.float64],
    height: int,
    width: int,
    *,
    meeting_share: float = MEETING_SHARE,
    leaving_share: float = LEAVING_SHARE,
    shake_px: float = 0.0,
) -> Scene:
    """Draw a scene.

    Args:
        rng: source of randomness.
        kinds: index into ``KINDS`` of each thing, farthest first.
        times: (T,) moments in 0-1 (0 the beginning, 1 the end of a clip).
        height: of the view, pixels.
        width: of the view, pixels.
        meeting_share: probability that a thing passes where another one is half-way, so that one hides the other.
        leaving_share: probability that a thing leaves the view.
        shake_px: how much the camera may tremble, see ``draw_camera``.

    Returns:
        The scene; nothing in its look depends on the kinds but the outlines.
    """
    reach = CAMERA_REACH_PX
    background, mean_colour = background_texture(rng, height + 2 * reach, width + 2 * reach)
    camera = draw_camera(rng, times, reach, shake_px)
    camera_reach = float(np.abs(camera).max())
    crossroads: list[NDArray[np.float64]] = []
    things = []
    for kind in kinds:
        radius = np.exp(rng.uniform(*np.log(RADIUS_PX)))
        growth = rng.uniform(-0.18, 0.18)
        turn = rng.normal(0, 1.2)
        # Now and then straight through where another thing is half-way: one will hide the other.
        meeting = crossroads and rng.random() < meeting_share
        through = (
            crossroads[rng.integers(len(crossroads))] if meeting else _place(rng, crossroads, height, width)
        )
        path = draw_path(rng, height, width, radius * 1.25 + camera_reach, through, leaving_share)
        halfway = path(0.5)
        if (halfway > 0).all() and (halfway < (width, height)).all():
            crossroads.append(halfway)
        things.append(
            Thing(
                kind=kind,
                polygons=outline(KINDS[kind], rng),
                texture=thing_texture(rng, mean_colour),
                centres_px=path(times),
                radii_px=radius * (1 + growth * np.sin(np.pi * times)),
                angles=rng.uniform(0, 2 * np.pi) + turn * times,
            )
        )
    return Scene(
        height=height,
        width=width,
        background=background,
        camera_px=camera,
        things=things,
        blur_px=rng.uniform(0.3, 0.8),
        noise=rng.uniform(1, 6),
        noise_seed=int(rng.integers(2**32)),
    )


def _place(
    rng: np.random.Generator, taken: Sequence[NDArray[np.float64]], height: int, width: int
) -> NDArray[np.float64]:
    """Position (2,) as x, y in the view, far from those taken."""
    places = rng.uniform(0.2, 0.8, (PLACES, 2)) * (width, height)
    if not taken:
        return places[0]
    distances = np.linalg.norm(places[:, None] - np.array(taken), axis=2).min(axis=1)
    return places[distances.argmax()]

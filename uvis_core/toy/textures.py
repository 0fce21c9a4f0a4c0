"""Colours and textures, drawn without regard to shape so that shape alone tells the class."""

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]
"""RGB (3,), each 0-255."""

Texture = NDArray[np.float32]
"""RGB (H, W, 3), each 0-255."""

TEXTURE_SIZE_PX = 72
CONTRAST = 95.0
"""Least distance in RGB between a thing's colours and the background's mean colour."""


def random_colour(
    rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]
) -> Colour:
    """Colour of random hue, with saturation and value (brightness) inside the given ranges (0-1)."""
    rgb = colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    return np.array(rgb, np.float32) * 255


def contrasting_colour(rng: np.random.Generator, background: Colour) -> Colour:
    """Colour at least ``CONTRAST`` away from ``background``: whatever is to be found must be visible."""
    while True:
        colour = random_colour(rng, (0.0, 1.0), (0.1, 1.0))
        if np.linalg.norm(colour - background) >= CONTRAST:
            return colour


def smooth_noise(rng: np.random.Generator, height: int, width: int, cell_px: float) -> NDArray[np.float32]:
    """Noise (height, width) in 0-1 whose features are about ``cell_px`` wide."""
    grid = rng.random((int(height / cell_px) + 3, int(width / cell_px) + 3), dtype=np.float32)
    return np.clip(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)


def _stripes(rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    angle = rng.uniform(0, np.pi)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(5, 14) + rng.uniform(0, 2 * np.pi))
    return np.clip(0.5 + wave * rng.uniform(0.6, 3), 0, 1)


def _dots(rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    frequency = rng.uniform(6, 12)
    return np.clip(2 * np.sin(x * frequency) * np.sin(y * frequency) + rng.uniform(-0.2, 0.6), 0, 1)


def _checks(rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    frequency = rng.uniform(4, 8)
    return np.clip(0.5 + 4 * np.sin(x * frequency) * np.sin(y * frequency), 0, 1)


def _gradient(
    rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    angle = rng.uniform(0, 2 * np.pi)
    return np.clip(0.5 + 0.5 * (x * np.cos(angle) + y * np.sin(angle)), 0, 1)


def _marble(rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    return smooth_noise(rng, x.shape[0], x.shape[1], rng.uniform(5, 16))


PATTERNS = (_stripes, _dots, _checks, _gradient, _marble)


def thing_texture(rng: np.random.Generator, background: Colour) -> Texture:
    """Texture of one thing: two colours mixed by a random pattern, some light from one side, a little grain.

    Args:
        rng: source of randomness.
        background: RGB (3,) mean colour behind the thing; both colours keep ``CONTRAST`` from it.

    Returns:
        Float32 (TEXTURE_SIZE_PX, TEXTURE_SIZE_PX, 3), 0-255, covering [-1, 1] squared in the shape's
        coordinates.
    """
    axis = np.linspace(-1, 1, TEXTURE_SIZE_PX, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    first, second = contrasting_colour(rng, background), contrasting_colour(rng, background)
    mix = PATTERNS[rng.integers(len(PATTERNS))](rng, x, y)[..., None] * rng.uniform(0.35, 1.0)
    light = 1 + rng.uniform(0, 0.2) * (2 * _gradient(rng, x, y)[..., None] - 1)
    grain = rng.normal(0, rng.uniform(0, 10), (*x.shape, 1))
    return np.clip((first * (1 - mix) + second * mix) * light + grain, 0, 255).astype(np.float32)


def background_texture(rng: np.random.Generator, height: int, width: int) -> tuple[Texture, Colour]:
    """Background of one scene: soft patches of related colours with small marks, lines and blobs as clutter.

    Args:
        rng: source of randomness.
        height: pixels.
        width: pixels.

    Returns:
        Float32 (height, width, 3), 0-255, and its mean colour (3,).
    """
    base = random_colour(rng, (0.05, 0.5), (0.2, 0.85))
    canvas = np.empty((height, width, 3), np.float32)
    patches = smooth_noise(rng, height, width, rng.uniform(25, 70))[..., None]
    tint = rng.uniform(-70, 70, 3).astype(np.float32)
    canvas[:] = base + (patches - 0.5) * tint
    canvas += (smooth_noise(rng, height, width, rng.uniform(3, 10))[..., None] - 0.5) * rng.uniform(5, 45)
    _clutter(rng, canvas, base)
    np.clip(canvas, 0, 255, out=canvas)
    return canvas, canvas.mean(axis=(0, 1))


def _clutter(rng: np.random.Generator, canvas: Texture, base: Colour) -> None:
    """Draw marks onto ``canvas`` in place; all are smaller, thinner or softer than any thing."""
    height, width = canvas.shape[:2]

    def point() -> tuple[int, int]:
        return int(rng.integers(width)), int(rng.integers(height))

    def paint() -> tuple[float, float, float]:
        shade = np.clip(base + rng.normal(0, 36, 3), 0, 255)
        return float(shade[0]), float(shade[1]), float(shade[2])

    soft = canvas.copy()
    for _ in range(rng.integers(2, 9)):
        axes = int(rng.integers(6, 26)), int(rng.integers(6, 26))
        cv2.ellipse(soft, point(), axes, float(rng.uniform(0, 180)), 0, 360, paint(), -1)
    canvas[:] = cv2.GaussianBlur(soft, (0, 0), rng.uniform(4, 8))
    for _ in range(rng.integers(0, 6)):
        cv2.line(canvas, point(), point(), paint(), 1, cv2.LINE_8)
    for _ in range(rng.integers(15, 90)):
        x, y = point()
        end = x + int(rng.integers(-5, 6)), y + int(rng.integers(-5, 6))
        if rng.random() < 0.5:
            cv2.line(canvas, (x, y), end, paint(), int(rng.integers(1, 3)), cv2.LINE_8)
        else:
            cv2.circle(canvas, (x, y), int(rng.integers(1, 4)), paint(), -1, cv2.LINE_8)

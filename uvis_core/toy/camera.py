"""The video camera: what the demonstration's videos have and the still images of the label models do not.

Published label models learn from photographs too. Without this gap they would be as good on the videos as on their
own images, and a model trained on their labels could gain nothing on them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from uvis_core.config.toy import ToySettings

SHARP_PX = 0.2
"""A blur below this sigma changes no pixel worth the time."""
HUNTS = (0.5, 3.0)
"""How often the focus swings during a video, at least and at most; three swings overlap."""

AUGMENTATION = ToySettings(defocus_px=2.5, sensor_noise=14.0, light=0.7)
AUGMENTED_SHARE = 0.7


def augmented_photo(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Photometric augmentation for the backbone and the initial MinVIS: most images are filmed, the rest is as it is.

    Args:
        image: uint8 (H, W, 3) RGB.
        rng: source of randomness.

    Returns:
        uint8 (H, W, 3).
    """
    return film(image[np.newaxis], rng, AUGMENTATION)[0] if rng.random() < AUGMENTED_SHARE else image


def film(images: NDArray[np.uint8], rng: np.random.Generator, settings: ToySettings) -> NDArray[np.uint8]:
    """Film a video: the focus hunts, the exposure and the colours are off, the sensor is noisy.

    Args:
        images: uint8 (T, H, W, 3) RGB, the scene as it is.
        rng: source of randomness.
        settings: how poor the camera may be: ``defocus_px``, ``sensor_noise``, ``light``.

    Returns:
        uint8 (T, H, W, 3); the scene's masks remain true.
    """
    gain = np.exp(rng.uniform(-settings.light, settings.light / 3))
    cast = np.exp(rng.normal(0, settings.light / 4, 3))
    noise = np.float32(settings.sensor_noise * rng.uniform(0.3, 1.0))
    phases, swings = rng.uniform(0, 2 * np.pi, 3), rng.uniform(*HUNTS, 3)
    times = np.linspace(0, 1, len(images))[:, None]
    focus = np.sin(2 * np.pi * times * swings + phases).mean(axis=1)
    sigmas_px = settings.defocus_px * np.clip(0.5 + 0.9 * focus, 0, 1)
    filmed = np.empty_like(images)
    for place, (image, sigma_px) in enumerate(zip(images, sigmas_px, strict=True)):
        seen = image.astype(np.float32)
        if sigma_px > SHARP_PX:
            seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(sigma_px)), np.float32)
        seen = seen * (gain * cast).astype(np.float32)
        seen += noise * rng.standard_normal(seen.shape, dtype=np.float32)
        filmed[place] = np.clip(seen + 0.5, 0, 255).astype(np.uint8)
    return filmed

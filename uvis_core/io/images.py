"""Still images as RGB arrays."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError

# ImageNet statistics in 0-255 RGB, as the detector, MinVIS and torchvision backbones expect them.
PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)


def read_image(path: Path | str) -> np.ndarray:
    """Read an image as uint8 RGB of shape (H, W, 3).

    Raises:
        UserError: The file is missing, cut short or no image.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: the frame is missing",
            fix="put it back, or delete the frame index of its shard so that the frames stage makes it again",
        ) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UserError(
            f"{path}: cannot be read as an image ({error})",
            fix="replace the file, or remove its video from the source",
        ) from error


def write_image(path: Path | str, image: np.ndarray, quality: int = 95) -> None:
    """Write uint8 RGB of shape (H, W, 3) as JPEG (at ``quality`` 1-100) or lossless PNG, by the suffix."""
    with atomic_path(path) as temporary:
        save_image(temporary, image, quality)


def save_image(path: Path, image: np.ndarray, quality: int = 95) -> None:
    """What ``write_image`` does, straight to ``path``: for folders that are renamed once they are whole."""
    if path.suffix == ".png":
        Image.fromarray(image).save(path, compress_level=3)
    else:
        Image.fromarray(image).save(path, quality=quality, subsampling=0)


def image_size(path: Path | str) -> tuple[int, int]:
    """Height and width in pixels, from the header alone.

    Raises:
        UserError: The file is missing or no image.
    """
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UserError(
            f"{path}: cannot be read as an image ({error})", fix="replace or remove the file"
        ) from error

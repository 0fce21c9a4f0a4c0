"""Still images as RGB arrays."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError, is_the_machines, machine_error

# ImageNet statistics in 0-255 RGB, as the detector, MinVIS and torchvision backbones expect them.
PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)

# A frame that declares more pixels is refused before its memory is asked for; 8192 x 8192, twice what 8K video has.
MAX_PIXELS = 2**26

# Formats of pictures; Pillow would also open EPS, for which it starts another program.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")


def read_image(path: Path | str) -> np.ndarray:
    """Read an image as uint8 RGB of shape (H, W, 3); of grey in 16 bits, the upper 8 are taken.

    Raises:
        UserError: The file is missing, cut short, no image, or declares more than ``MAX_PIXELS``.
        MachineError: The disk or the memory failed.
    """
    with _opened(path) as image:
        if image.mode.startswith("I;16"):
            # Pillow itself would take all above 255 for white.
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def read_numbers(path: Path | str) -> tuple[np.ndarray, bool]:
    """Read an image as it is stored: its numbers, and whether they are those of a palette.

    Raises:
        UserError: As ``read_image``.
        MachineError: As ``read_image``.
    """
    with _opened(path) as image:
        return np.asarray(image), image.mode == "P"


@contextmanager
def _opened(path: Path | str) -> Iterator[Image.Image]:
    """An image of which only the header is read yet."""
    fix = "replace the file, or remove its video from the source"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - once per frame
            raise UserError(f"{path}: cannot be read as an image (a folder or a pipe)", fix=fix)
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UserError(
                    f"{path}: declares {image.width} x {image.height} pixels, more than the {MAX_PIXELS} that are read",
                    fix=fix,
                )
            yield image
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: the frame is missing and cannot be read",
            fix="put it back or remove its video from the source; a decoded frame is made again by the frames stage "
            "once the frame index of its shard is deleted",
        ) from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
        if is_the_machines(error):
            raise machine_error(path, "cannot be read", error) from error
        raise UserError(f"{path}: cannot be read as an image ({error})", fix=fix) from error


def write_image(path: Path | str, image: np.ndarray, quality: int = 95) -> None:
    """Write uint8 RGB of shape (H, W, 3) as JPEG (at ``quality`` 1-100) or lossless PNG, by the suffix."""
    with atomic_path(path) as temporary:
        save_image(temporary, image, quality)


def save_image(path: Path, image: np.ndarray, quality: int = 95) -> None:
    """What ``write_image`` does, straight to ``path``: for folders that are renamed once they are whole.

    Encoded in memory: Pillow itself takes no notice when a disk that is nearly full keeps only a part of what it
    writes.
    """
    encoded = BytesIO()
    if path.suffix == ".png":
        Image.fromarray(image).save(encoded, format="png", compress_level=3)
    else:
        Image.fromarray(image).save(encoded, format="jpeg", quality=quality, subsampling=0)
    path.write_bytes(encoded.getbuffer())


def image_size(path: Path | str) -> tuple[int, int]:
    """Height and width in pixels, from the header alone.

    Raises:
        UserError: The file is missing, no image, or declares more than ``MAX_PIXELS``.
        MachineError: The disk or the memory failed.
    """
    with _opened(path) as image:
        return image.height, image.width


def whole_image_size(path: Path | str) -> tuple[int, int]:
    """Height and width in pixels of an image that can be decoded to its end.

    A JPEG is decoded at an eighth of its size, which reads all of its bytes in a third of the time.

    Raises:
        UserError: As ``read_image``.
        MachineError: The disk or the memory failed.
    """
    with _opened(path) as image:
        height, width = image.height, image.width
        image.draft("L", (width // 8, height // 8))
        image.load()
        return height, width

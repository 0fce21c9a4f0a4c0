"""Truth in folders of DAVIS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.bad_inputs.case import BadInput, refusal
from uvis_core.io.annotations.read import read_foreign

Meet = Callable[[Path], str]
NUMBERS = np.eye(4, 6, dtype=np.uint8)


def image(path: Path, numbers: Any = NUMBERS) -> Path:
    """Write a grey or colour image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(numbers).save(path)
    return path


def frames(folder: Path, *numbers: int) -> Path:
    """A folder of annotations with one video of these frames."""
    for number in numbers:
        image(folder / "480p" / "clip" / f"{number:05d}.png")
    return folder / "480p"


def read(folder: Path) -> str:
    """The refusal of the folder or of its video."""

    def meet() -> None:
        read_foreign(folder).read("clip")

    return refusal(meet)


def second(numbers: Any) -> Meet:
    """Meets a video whose second image holds these numbers."""

    def meet(folder: Path) -> str:
        root = frames(folder, 0)
        image(root / "clip" / "00001.png", numbers)
        return read(root)

    return meet


def second_file(change: Callable[[bytes], bytes]) -> Meet:
    """Meets a video whose second file was changed."""

    def meet(folder: Path) -> str:
        root = frames(folder, 0, 1)
        path = root / "clip" / "00001.png"
        path.write_bytes(change(path.read_bytes()))
        return read(root)

    return meet


def first_is_text(folder: Path) -> str:
    """A text in place of the first image."""
    root = frames(folder, 0, 1)
    (root / "clip" / "00000.png").write_text("an image")
    return read(root)


def missing_mask(folder: Path) -> str:
    """Frame 2 of 4 has no mask."""
    return read(frames(folder, 0, 1, 3))


def every_fifth(folder: Path) -> str:
    """Numbers in steps of five, as YouTube-VOS has them."""
    found = read_foreign(frames(folder, 0, 5, 10))
    return f"{found.videos['clip'].frames} frames, {len(found.read('clip').objects)} object"


def no_images(folder: Path) -> str:
    """A video's folder with JPEG files beside one that is right."""
    root = frames(folder, 0)
    (root / "other").mkdir()
    (root / "other" / "00000.jpg").write_bytes(b"")
    return read(root)


def empty(folder: Path) -> str:
    """A folder without folders."""
    return read(folder)


def wide(folder: Path) -> str:
    """Sixteen bits a pixel."""
    found = read_foreign(
        image(folder / "480p" / "clip" / "00000.png", NUMBERS.astype(np.uint16) * 300).parents[1]
    )
    return f"{len(found.read('clip').objects)} object of {found.read('clip').objects[0].mean_area_px} pixels"


CASES = [
    BadInput("an empty folder", empty, "refused", ("holds no folder with PNG images", "Annotations/480p")),
    BadInput(
        "a video's folder without a PNG image", no_images, "refused", ("480p/other: holds no PNG image",)
    ),
    BadInput(
        "a missing mask",
        missing_mask,
        "refused",
        ("480p/clip: no image between 00001.png and 00003.png", "every frame needs one"),
    ),
    BadInput("numbers in steps of five", every_fifth, "accepted", ("3 frames, 1 object",)),
    BadInput(
        "a mask of another size",
        second(NUMBERS.T.copy()),
        "refused",
        ("clip/00001.png: its size is (6, 4)", "(4, 6)", "one size"),
    ),
    BadInput(
        "a colour image",
        second(np.zeros((4, 6, 3), np.uint8)),
        "refused",
        ("clip/00001.png: has 3 channels", "images of object numbers"),
    ),
    BadInput("sixteen bits a pixel", wide, "accepted", ("1 object of 4.0 pixels",)),
    BadInput(
        "a text named png", first_is_text, "refused", ("clip/00000.png: cannot be read as an image", "fix:")
    ),
    BadInput(
        "an image that is cut short",
        second_file(lambda whole: whole[:50]),
        "refused",
        ("clip/00001.png: cannot be read as an image", "fix:"),
    ),
    BadInput(
        "an empty file named png",
        second_file(lambda _: b""),
        "refused",
        ("clip/00001.png: cannot be read as",),
    ),
]

"""Folders of images, one per video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.extracted import extracted
from uvis_core.config.frames import SourceSettings
from uvis_core.frames.sources import list_videos
from uvis_core.io.images import read_image, write_image

FRAMES = 4
SIZE = (24, 32)
NOISE = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def folder_of_frames(folder: Path, suffix: str = ".jpg") -> Path:
    """A folder of four images."""
    for number in range(FRAMES):
        write_image(folder / f"{number}{suffix}", NOISE)
    return folder


def with_odd(make: Callable[[Path], object], *, fails: bool, suffix: str = ".jpg") -> Callable[[Path], str]:
    """Meets two folders, of which one is changed."""

    def meet(folder: Path) -> str:
        folder_of_frames(folder / "root/good")
        make(folder_of_frames(folder / "root/odd", suffix))
        source = SourceSettings(kind="frame_folders", path=str(folder / "root"))
        return extracted(source, folder, failed=("odd",) if fails else ())

    return meet


def cut(name: str) -> Callable[[Path], None]:
    """Leaves half of one image."""

    def make(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return make


def replaced(name: str, content: bytes) -> Callable[[Path], object]:
    """Writes something else where an image was."""
    return lambda folder: (folder / name).write_bytes(content)


def linked(target: str) -> Callable[[Path], None]:
    """Puts a link in place of an image."""

    def make(folder: Path) -> None:
        (folder / "1.jpg").unlink()
        (folder / "1.jpg").symlink_to(target)

    return make


def made_folder(folder: Path) -> None:
    """A folder that is called like an image."""
    (folder / "1.jpg").unlink()
    (folder / "1.jpg").mkdir()


def deep_grey(folder: Path) -> None:
    """Images of 16 bits: a ramp from black to white, which 8 bits show likewise."""
    ramp = np.linspace(0, 65535, SIZE[0] * SIZE[1]).reshape(SIZE).astype(np.uint16)
    for number in range(FRAMES):
        Image.fromarray(ramp).save(folder / f"{number}.png")
    seen = read_image(folder / "0.png")[..., 0].astype(int)
    assert abs(seen - ramp // 257).max() <= 1


def of_mode(mode: str) -> Callable[[Path], None]:
    """Images of another kind of pixels, that show the same."""

    def make(folder: Path) -> None:
        image = Image.fromarray(np.full((*SIZE, 3), 200, np.uint8)).convert(
            mode, palette=Image.Palette.ADAPTIVE
        )
        for path in sorted(folder.iterdir()):
            image.save(path)
        assert abs(read_image(folder / path.name).astype(int) - 200).max() < 8

    return make


def recorded(what: str, make: Callable[[Path], object], *words: str, suffix: str = ".jpg") -> BadInput:
    """A folder that is listed as failed beside a good one."""
    return BadInput(what, with_odd(make, fails=True, suffix=suffix), "recorded", ("root/odd", *words))


def refused(what: str, path: str | tuple[str, ...], make: Callable[[Path], object], *words: str) -> BadInput:
    """A source that ends the run."""

    def meet(folder: Path) -> str:
        make(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return refusal(list_videos, SourceSettings(kind="frame_folders", path=path))

    return BadInput(what, meet, "refused", (*words, "fix:"))


def beside_empty(folder: Path) -> str:
    """A folder without an image beside a good one."""
    folder_of_frames(folder / "root/good")
    (folder / "root/odd").mkdir()
    (folder / "root/odd/0.tif").touch()
    (folder / "root/lost").symlink_to("nowhere")
    return extracted(SourceSettings(kind="frame_folders", path=str(folder / "root")), folder, failed=())


EVERY = f"odd: {FRAMES} frames of {SIZE[0]} x {SIZE[1]}"

CASES = [
    recorded("a JPEG cut in half", cut("1.jpg"), "1.jpg", "truncated"),
    recorded("a PNG cut in half", cut("1.png"), "1.png", "cannot be read as an image", suffix=".png"),
    recorded("an image of no bytes", replaced("2.jpg", b""), "2.jpg", "cannot be read as an image"),
    recorded(
        "text that is named jpg", replaced("2.jpg", b"not an image"), "2.jpg", "cannot be read as an image"
    ),
    recorded(
        "a program in PostScript that is named jpg", replaced("2.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n"), "2.jpg"
    ),
    recorded(
        "one image of another size",
        lambda folder: write_image(folder / "3.jpg", NOISE[:20]),
        "3.jpg",
        "frame 3 measures 20 x 32 pixels, the first one 24 x 32",
    ),
    recorded("an image that is a dangling link", linked("nowhere"), "1.jpg", "the frame is missing"),
    recorded("an image that is a loop of links", linked("1.jpg"), "1.jpg", "symbolic links"),
    recorded("an image that is a folder", made_folder, "1.jpg", "a folder or a pipe"),
    BadInput("images of 16 bits", with_odd(deep_grey, fails=False, suffix=".png"), "accepted", (EVERY,)),
    BadInput("grey images", with_odd(of_mode("L"), fails=False), "accepted", (EVERY,)),
    BadInput("images in CMYK", with_odd(of_mode("CMYK"), fails=False), "accepted", (EVERY,)),
    BadInput("images of a palette", with_odd(of_mode("P"), fails=False, suffix=".png"), "accepted", (EVERY,)),
    BadInput(
        "images with alpha", with_odd(of_mode("RGBA"), fails=False, suffix=".png"), "accepted", (EVERY,)
    ),
    BadInput(
        "a folder without images, and a link to nowhere",
        beside_empty,
        "accepted",
        (
            "root/odd: left out, a folder that holds no image",
            "root/lost: left out, a link that leads nowhere",
        ),
    ),
    refused("no folder", "nowhere", lambda folder: None, "nowhere: no such folder", "'path'"),
    refused("images that lie in no folder of their own", ".", folder_of_frames, "no subfolder holds images"),
    refused(
        "a listed folder without images",
        ("odd",),
        lambda folder: (folder / "odd").mkdir(),
        "odd: no folder of images",
    ),
    refused(
        "two listed folders of one name",
        ("a/v", "b/v"),
        lambda folder: [folder_of_frames(folder / name) for name in ("a/v", "b/v")],
        "two videos are called 'v'",
        "a/v/0.jpg",
        "b/v/0.jpg",
    ),
]

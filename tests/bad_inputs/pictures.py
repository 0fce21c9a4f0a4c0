"""Folders of pictures, each a video of one frame."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.extracted import extracted
from tests.bad_inputs.images import NOISE, SIZE
from uvis_core.config.frames import SourceSettings
from uvis_core.frames.sources import list_videos
from uvis_core.io.images import write_image


def beside_good(make: Callable[[Path], object], *failed: str) -> Callable[[Path], str]:
    """Meets a folder with a good picture and what ``make`` puts there; says which pictures must be listed as failed."""

    def meet(folder: Path) -> str:
        write_image(folder / "root/class/good.png", NOISE)
        make(folder / "root")
        return extracted(SourceSettings(kind="images", path=str(folder / "root")), folder, failed=failed)

    return meet


def copied(*names: str) -> Callable[[Path], None]:
    """Writes pictures of these names."""

    def make(folder: Path) -> None:
        for name in names:
            write_image(folder / name, NOISE)

    return make


def content(name: str, data: bytes) -> Callable[[Path], object]:
    """Writes a file of this name."""
    return lambda folder: (folder / name).write_bytes(data)


def linked(name: str, target: str) -> Callable[[Path], object]:
    """Writes a link of this name."""
    return lambda folder: (folder / name).symlink_to(target)


def refused(what: str, make: Callable[[Path], object], *words: str, path: str = "root") -> BadInput:
    """A folder that ends the run."""

    def meet(folder: Path) -> str:
        (folder / "root").mkdir()
        make(folder / "root")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return refusal(list_videos, SourceSettings(kind="images", path=path))

    return BadInput(what, meet, "refused", (*words, "fix:"))


ONE = f"1 frames of {SIZE[0]} x {SIZE[1]}"

CASES = [
    BadInput(
        "a picture of no bytes",
        beside_good(content("class/odd.jpg", b""), "class%2Fodd.jpg"),
        "recorded",
        ("root/class/odd.jpg", "cannot be read as an image"),
    ),
    BadInput(
        "a picture that is text",
        beside_good(content("odd.png", b"not an image"), "odd.png"),
        "recorded",
        ("root/odd.png", "cannot be read as an image"),
    ),
    BadInput(
        "a picture that is a dangling link",
        beside_good(linked("class/odd.jpg", "nowhere"), "class%2Fodd.jpg"),
        "recorded",
        ("root/class/odd.jpg", "the frame is missing"),
    ),
    BadInput(
        "a picture that is a pipe",
        beside_good(lambda folder: os.mkfifo(folder / "odd.jpg"), "odd.jpg"),
        "recorded",
        ("root/odd.jpg", "a folder or a pipe"),
    ),
    BadInput(
        "pictures of one name in several folders, and of several suffixes",
        beside_good(copied("other/good.png", "other/good.jpg")),
        "accepted",
        (f"class%2Fgood.png: {ONE}", f"other%2Fgood.png: {ONE}", f"other%2Fgood.jpg: {ONE}"),
    ),
    BadInput(
        "a picture whose name looks like the id of another",
        beside_good(copied("class%2Fgood.png")),
        "accepted",
        (f"class%2Fgood.png: {ONE}", f"class%252Fgood.png: {ONE}"),
    ),
    BadInput(
        "a picture's name that a shell would run",
        beside_good(copied("$(touch x); `y` & z.png")),
        "accepted",
        (f"$(touch x); `y` & z.png: {ONE}",),
    ),
    BadInput(
        "a link that leads back to a folder around it",
        beside_good(linked("class/back", "..")),
        "accepted",
        ("root/class/back: left out, a link that leads back",),
    ),
    refused("a folder without a picture", copied(), "root: holds no picture at any depth", ".webp"),
    refused("no folder of pictures", copied(), "nowhere: no such folder", "'path'", path="nowhere"),
    refused(
        "one picture in place of their folder", copied("a.png"), "a.png: no such folder", path="root/a.png"
    ),
    refused(
        "braces in a picture's name", copied("class/a{b}.png"), "root/class", "'class%2Fa{b}.png'", "a brace"
    ),
    refused(
        "a picture's name in Latin-1",
        lambda folder: (folder / os.fsdecode(b"caf\xe9.jpg")).touch(),
        "is no text in UTF-8",
    ),
    refused(
        "a picture so deep that its path takes more than 200 bytes",
        lambda folder: copied("/".join(["folder" * 10] * 4) + "/a.png")(folder),
        "bytes, more than 200",
    ),
    refused(
        "pictures apart by case alone",
        copied("class/a.png", "Class/a.png"),
        "Class/a.png",
        "apart only by case",
    ),
]

"""Videos whose names are odd, the paths that lead to them, and the machine that holds them."""

import errno
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.extracted import extracted
from tests.io.odd_videos import encode
from uvis_core.config.frames import FramesSettings, SourceSettings
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.sources import list_videos
from uvis_core.io import video

LONG = 3000
"""Frames of the long video."""
MEMORY_BYTES = 300_000


def named(*names: str | bytes) -> Callable[[Path], str]:
    """Refuses a folder of files of these names."""

    def meet(folder: Path) -> str:
        for name in names:
            (folder / os.fsdecode(name)).touch()
        return refusal(list_videos, SourceSettings(kind="videos", path=str(folder)))

    return meet


def used(name: str) -> Callable[[Path], str]:
    """Takes a folder of one video of this name; its frames lie in a folder of the same name."""

    def meet(folder: Path) -> str:
        (folder / "clips").mkdir()
        encode(folder / "clips/v.mp4", "mpeg4", count=2).rename(folder / "clips" / f"{name}.mp4")
        said = extracted(SourceSettings(kind="videos", path=str(folder / "clips")), folder, failed=())
        assert [path.name for path in (folder / "images").iterdir()] == [name]
        return said

    return meet


def leading_to(
    path: str | tuple[str, ...], make: Callable[[Path], object] = lambda folder: None
) -> Callable[[Path], str]:
    """Refuses a source whose path is this one, in a folder in which something was made."""

    def meet(folder: Path) -> str:
        make(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return refusal(list_videos, SourceSettings(kind="videos", path=path))

    return meet


def failing(number: int) -> Callable[[Path], str]:
    """Refuses to go on where the system answers a sound video with an error."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    def meet(folder: Path) -> str:
        encode(folder / "v.mp4", "mpeg4", count=2)
        entries = list_videos(SourceSettings(kind="videos", path=str(folder)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(video, "_WatchedFile", fail)
            return refusal(extract_shard, entries, FramesSettings(), folder / "images")

    return meet


def shrinking(folder: Path) -> str:
    """A video that is cut after it was listed."""
    encode(folder / "v.mp4")
    entries = list_videos(SourceSettings(kind="videos", path=str(folder)))
    os.truncate(folder / "v.mp4", 200)
    return refusal(extract_shard, entries, FramesSettings(), folder / "images")


def long(folder: Path) -> str:
    """A video of many frames, decoded within the memory of a few."""
    path = encode(folder / "v.mkv", "mpeg4", count=LONG, size=(16, 16), options={"g": "1"})
    frames = video.decode_video(path)
    for _ in range(200):
        next(frames)
    tracemalloc.start()
    count = 200 + sum(1 for _ in frames)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY_BYTES
    return f"{count} frames"


def refused(what: str, meet: Callable[[Path], str], *words: str) -> BadInput:
    """A source that ends the run."""
    return BadInput(what, meet, "refused", (*words, "fix:"))


CASES = [
    refused("a line break in a name", named("a\nb.mp4"), r"'a\nb'", "a control character"),
    refused("braces in a name, which are wildcards to the workflow", named("a{b}.mp4"), "'a{b}'", "a brace"),
    refused("a backslash in a name", named("a\\b.mp4"), "a backslash", "rename it"),
    refused("a space before a name", named(" a.mp4"), "' a'", "begins or ends with a space"),
    refused("a name of 250 bytes", named("a" * 246 + ".mp4"), "takes 246 bytes, more than 200"),
    refused("a name in Latin-1", named(b"caf\xe9.mp4"), "is no text in UTF-8"),
    refused("names apart by case", named("Clip.mp4", "clip.mp4"), "Clip.mp4", "apart only by case"),
    refused(
        "names apart by the form of an accent",
        named("caf\u00e9.mp4", "cafe\u0301.mp4"),
        "the form of an accent",
    ),
    refused("names apart by suffix", named("a.mp4", "a.mov"), "two videos are called 'a'", "a.mov", "a.mp4"),
    refused("a name that is hidden or nothing but dots", named("...mp4", ".a.mp4"), "holds no video"),
    BadInput("quotes in a name", used('it\'s "a" clip'), "accepted", ('it\'s "a" clip: 2 frames',)),
    BadInput("a dash before a name", used("-rf"), "accepted", ("-rf: 2 frames",)),
    BadInput(
        "a name that a shell would run", used("$(touch x); `y` & z"), "accepted", ("$(touch x); `y` & z: 2",)
    ),
    BadInput("a name of markup", used("<b>&amp;"), "accepted", ("<b>&amp;: 2 frames",)),
    BadInput(
        "a name that ffmpeg takes for an address", used("concat:a.mp4|b"), "accepted", ("concat:a.mp4|b: 2",)
    ),
    BadInput("a name in Japanese", used("日本 語"), "accepted", ("日本 語: 2 frames",)),
    refused("a path that leads nowhere", leading_to("nowhere"), "nowhere: no such file or folder", "'path'"),
    refused("a path of 5,000 characters", leading_to("a" * 5000), "no such file or folder"),
    refused("a path with a zero byte", leading_to("a\0b"), "no such file or folder"),
    refused(
        "a path that is a pipe",
        leading_to("a.mp4", lambda folder: os.mkfifo(folder / "a.mp4")),
        "a.mp4: neither",
    ),
    refused(
        "a path to a text",
        leading_to("a.txt", lambda folder: (folder / "a.txt").touch()),
        "a.txt: not a video",
    ),
    refused("an empty folder", leading_to("."), ".: holds no video", ".mkv"),
    refused(
        "videos in subfolders alone",
        leading_to(".", lambda folder: (folder / "sub.mp4.d").mkdir()),
        "holds no video",
        "not into subfolders",
    ),
    refused(
        "the same file listed twice",
        leading_to(("a.mp4", "./a.mp4"), lambda folder: (folder / "a.mp4").touch()),
        "two videos are called 'a': a.mp4 and ./a.mp4",
    ),
    refused(
        "a video that may not be read",
        failing(errno.EACCES),
        "v.mp4: cannot be read (Permission",
        "give permission",
    ),
    refused(
        "a disk that fails",
        failing(errno.EIO),
        "v.mp4: cannot be read (Input/output error)",
        "look at the disk",
    ),
    refused(
        "a video that shrinks after it was listed", shrinking, "v.mp4", "its files are not what they were"
    ),
    BadInput(
        f"a long video ({LONG:,} frames), in the memory of a few", long, "accepted", (f"{LONG} frames",)
    ),
]

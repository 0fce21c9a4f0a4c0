"""Video files that cannot be decoded, or not as they are."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bad_inputs.extracted import Make, accepted, recorded
from tests.io.odd_videos import (
    COUNT,
    SIZE,
    declaring,
    encode,
    moving,
    sound_only,
    starting_later,
    turned,
    without_durations,
    without_frames,
)
from uvis_core.io.images import write_image
from uvis_core.io.video import write_video

WHOLE = f"odd: {COUNT} frames of {SIZE[0]} x {SIZE[1]}"
NOISE = np.random.default_rng(0).integers(0, 256, (COUNT, *SIZE, 3), dtype=np.uint8)


def holding(content: bytes) -> Make:
    """A file of this content."""
    return lambda path: path.write_bytes(content)


def encoded(codec: str = "libx264", pixels: str = "yuv420p", **keywords: object) -> Make:
    """The walking square, encoded in some way."""
    return lambda path: encode(path, codec, pixels, **keywords)  # type: ignore[arg-type]


def changed(change: Callable[[bytes], bytes], suffix: str = ".mp4", codec: str = "libx264") -> Make:
    """An encoded video, some of whose bytes are others."""

    def make(path: Path) -> None:
        whole = encode(path.with_name(f"whole{suffix}"), codec)
        path.write_bytes(change(whole.read_bytes()))
        whole.unlink()

    return make


def cut(content: bytes) -> bytes:
    """The first six tenths."""
    return content[: len(content) * 6 // 10]


def zeroed(path: Path) -> None:
    """A video of noise with zeros amid its frames; at many other places they would decode, to another picture."""
    write_video(path, list(NOISE), fps=25)
    content = path.read_bytes()
    start, end = content.index(b"mdat"), content.index(b"moov")
    place = start + (end - start) * 6 // 10
    path.write_bytes(content[:place] + bytes(400) + content[place + 400 :])


def renamed(suffix: str, make: Make) -> Make:
    """What would be written under another suffix."""

    def make_and_rename(path: Path) -> None:
        make(path.with_suffix(suffix))
        path.with_suffix(suffix).rename(path)

    return make_and_rename


def faststart(path: Path) -> None:
    """A video of noise whose index comes first, cut: its header is whole."""
    write_video(path, list(NOISE), fps=25)
    content = path.read_bytes()
    index = content.index(b"moov") - 4
    data = content.index(b"mdat") - 4
    assert data < index, "the index is last"
    path.write_bytes(content[:index][: len(content) // 2] + content[index:])


def listening(path: Path) -> None:
    """A socket; its path may be too long for the system, so it is made from within."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(before)


def growing(path: Path) -> None:
    """A stream whose frames become larger on the way."""
    parts = [encode(path.with_name(f"{side}.ts"), size=(side, side)) for side in (48, 96)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()


def listing(path: Path) -> None:
    """A list of videos in the form of ffmpeg's concat reader."""
    path.write_text(f"ffconcat version 1.0\nfile {path.with_name('good.mp4')}\n")


def playlist(path: Path) -> None:
    """A playlist of a streaming site."""
    path.write_text("#EXTM3U\n#EXTINF:1,\ngood.mp4\n#EXT-X-ENDLIST\n")


def retitled(path: Path) -> None:
    """An AVI whose title is no UTF-8."""
    content = encode(path, "mpeg4").read_bytes()
    assert b"Lavf" in content
    path.write_bytes(content.replace(b"Lavf", b"L\xe4\xf6f"))


def picture(path: Path) -> None:
    """An image under a video's name."""
    write_image(path.with_suffix(".png"), moving(1)[0])
    path.with_suffix(".png").rename(path)


UNREADABLE = [
    recorded("a file of no bytes", holding(b""), "cannot be decoded"),
    recorded("text that is named mp4", holding(b"not a video at all\n" * 99), "cannot be decoded"),
    recorded("a web page in place of the download", holding(b"<!DOCTYPE html><html>403</html>"), "cannot be"),
    recorded("64 MB of zeros", lambda path: os.truncate(holding(b"\0")(path) and path, 2**26), "cannot be"),
    recorded("the first 100 bytes of a video", changed(lambda whole: whole[:100]), "cannot be decoded"),
    recorded(
        "an mp4 cut before its index", changed(lambda whole: whole[: whole.index(b"moov") - 4]), "cannot be"
    ),
    recorded("an mp4 cut in its index", changed(cut), "has no video stream"),
    recorded("zeros amid the frames that break one", zeroed, "is damaged"),
    recorded("an mp4 whose frames are cut out", faststart, "odd.mp4"),
    recorded("a cut AVI", changed(cut, ".avi", "mpeg4"), "odd.avi", name="odd.avi"),
    recorded("a cut WebM", changed(cut, ".webm", "libvpx"), "breaks off", name="odd.webm"),
    recorded("sound alone", sound_only, "has no video stream"),
    recorded("a video of no frames", without_frames, "odd.mkv", name="odd.mkv"),
    recorded("a picture that is named mp4", picture, "cannot be decoded"),
    recorded("a list of videos that is named mp4", listing, "cannot be decoded"),
    recorded("a playlist that is named mp4", playlist, "cannot be decoded"),
    recorded(
        "few bytes that declare 65,500 x 65,500",
        lambda path: declaring(path, 65500),
        "67108864",
        name="odd.avi",
    ),
    recorded(
        "few bytes that declare 16,000 x 16,000",
        lambda path: declaring(path, 16000),
        "67108864",
        name="odd.mov",
    ),
    recorded("frames that become larger on the way", growing, "frame 12 measures 96 x 96", "48 x 48"),
    recorded(
        "durations of 0 and frames out of order",
        lambda path: without_durations(encode(path, options={"bf": "2"})),
        f"of its {COUNT} frames come out",
    ),
    recorded("a dangling link", lambda path: path.symlink_to("nowhere.mp4"), "No such file or directory"),
    recorded("a loop of links", lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
    recorded("a pipe that nobody writes to", os.mkfifo, "a folder or a pipe, not a file"),
    recorded("a folder", lambda path: path.mkdir(), "a folder or a pipe, not a file"),
    recorded("a socket", listening, "not a file"),
]

ODD = [
    accepted("colours of 10 bits", encoded(pixels="yuv420p10le"), WHOLE),
    accepted("colours without subsampling (4:4:4)", encoded(pixels="yuv444p"), WHOLE),
    accepted("4:2:2 in 10 bits", encoded(pixels="yuv422p10le"), WHOLE, name="odd.mkv"),
    accepted("grey", encoded(pixels="gray"), WHOLE),
    accepted("an alpha channel (VP9)", encoded("libvpx-vp9", "yuva420p"), WHOLE, name="odd.webm"),
    accepted("an alpha channel (QuickTime)", encoded("qtrle", "argb"), WHOLE, name="odd.mov"),
    accepted("interlaced fields", encoded(options={"x264-params": "interlaced=1"}), WHOLE),
    accepted("pixels twice as wide as high", encoded(aspect=2), WHOLE),
    accepted("turned by a quarter in its header", turned, f"odd: {COUNT} frames of {SIZE[1]} x {SIZE[0]}"),
    accepted("two video streams", encoded(streams=2), WHOLE, "has 2 video streams; the first is taken"),
    accepted(
        "durations of 0 alone",
        lambda path: without_durations(encode(path, options={"bf": "0"})),
        WHOLE,
        "the clock goes on by 0.04 s a frame",
    ),
    accepted(
        "equal times of all frames", encoded(times_ms=[0] * COUNT), WHOLE, "the clock goes on", name="odd.mkv"
    ),
    accepted("a variable frame rate", encoded(times_ms=[40 * number**2 for number in range(COUNT)]), WHOLE),
    accepted(
        "an edit list that leaves out four frames",
        lambda path: starting_later(encode(path, options={"bf": "0"}), 4),
        f"odd: {COUNT - 4} frames",
    ),
    accepted("a single frame", encoded(count=1), "odd: 1 frames"),
    accepted(
        "frames of 2 x 2 pixels",
        encoded("ffv1", size=(2, 2)),
        f"odd: {COUNT} frames of 2 x 2",
        name="odd.avi",
    ),
    accepted("another container than its suffix says", renamed(".mkv", encode), WHOLE),
    accepted("a title in another encoding", retitled, WHOLE, name="odd.avi"),
]

CASES = UNREADABLE + ODD

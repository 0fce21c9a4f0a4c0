"""Decoders of videos and images."""

import io
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.fuzz.damage import damaged_bytes
from tests.fuzz.target import GIB, Target
from tests.io.odd_videos import encode
from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.images import MAX_PIXELS, image_size, read_image
from uvis_core.io.video import decode_video

VIDEOS = {"a.mp4": "libx264", "a.mkv": "libx264", "a.avi": "mpeg4", "a.webm": "libvpx", "a.ts": "libx264"}
FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "gif", "ppm")
FRAMES_READ = 200
"""Of a damaged video, which may claim to have any number."""


@cache
def video(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return encode(Path(folder, name), VIDEOS[name], count=6).read_bytes()


def mp4_inputs() -> st.SearchStrategy[bytes]:
    """Half the damage goes to the boxes that describe the stream, which stand at the end."""
    content = video("a.mp4")
    return damaged_bytes(content, [(content.index(b"moov") - 4, len(content) - 1)])


def other_inputs() -> st.SearchStrategy[bytes]:
    contents = [video(name) for name in VIDEOS if name != "a.mp4"]
    return st.one_of([damaged_bytes(content, [(0, 600)]) for content in contents])


def read_video(path: Path) -> None:
    last = -1.0
    for number, (time_s, image) in enumerate(decode_video(path)):
        assert time_s > last or number == 0, f"{time_s} s after {last} s"
        assert np.isfinite(time_s)
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.shape[0] * image.shape[1] <= MAX_PIXELS
        last = time_s
        if number == FRAMES_READ:
            break


def picture(kind: str) -> bytes:
    pixels = np.arange(12 * 16 * 3, dtype=np.uint8).reshape(12, 16, 3)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format=kind)
    return stream.getvalue()


def image_inputs() -> st.SearchStrategy[bytes]:
    contents = [picture(kind) for kind in FORMATS]
    return st.one_of([damaged_bytes(content, [(0, min(80, len(content) - 1))]) for content in contents])


def read_picture(path: Path) -> None:
    size = image_size(path)
    image = read_image(path)
    assert image.shape == (*size, 3)
    assert image.dtype == np.uint8


def davis_inputs() -> st.SearchStrategy[bytes]:
    stream = io.BytesIO()
    numbers = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4) % 3, mode="P")
    numbers.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    numbers.save(stream, format="png")
    return st.one_of(damaged_bytes(stream.getvalue()), image_inputs())


def read_object_numbers(path: Path) -> None:
    annotations = read_davis(path.parent.parent)
    for video_id in annotations.videos:
        found = annotations.read(video_id)
        assert len(found.objects) == len(found.tubes)


TARGETS = [
    Target("mp4", "video.mp4", mp4_inputs, read_video, memory_bytes=3 * GIB),
    Target(
        "containers",
        "video.mkv",
        other_inputs,
        read_video,
        memory_bytes=3 * GIB,
    ),
    Target("images", "frame.jpg", image_inputs, read_picture),
    Target("davis", "clip/00000.png", davis_inputs, read_object_numbers, says="clip"),
]

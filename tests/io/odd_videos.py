"""Videos that are unlike what a camera writes, made in the test that reads them."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

COUNT = 12
SIZE = (48, 64)
"""Height and width in pixels."""

# From the name of an mp4 box (version 0) to its duration: ISO/IEC 14496-12.
DURATIONS = {b"mvhd": 20, b"mdhd": 20}

MATRIX_OFFSET = 44
"""From the name of an mp4 track header to its display matrix (ISO/IEC 14496-12, version 0)."""
QUARTER_TURN = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def moving(count: int = COUNT, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    """A square that walks, which encoders put into frames of every kind."""
    images = [np.full((*size, 3), 40, dtype=np.uint8) for _ in range(count)]
    for number, image in enumerate(images):
        image[10:30, 3 * number % 40 : 3 * number % 40 + 20] = (220, 120, 60)
    return images


def encode(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    count: int = COUNT,
    size: tuple[int, int] = SIZE,
    times_ms: Sequence[int] | None = None,
    streams: int = 1,
    aspect: int = 1,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode the walking square, at 25 frames a second or at given times."""
    with av.open(str(path), "w") as container:
        made = [container.add_stream(codec, rate=25) for _ in range(streams)]
        for stream in made:
            stream.height, stream.width, stream.pix_fmt = *size, pixels
            stream.options = options or {}
            stream.sample_aspect_ratio = Fraction(aspect)
            if times_ms is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
        for number, stream in enumerate(made):
            for index, image in enumerate(moving(count, size)):
                shown = image if number == 0 else 255 - image
                frame = av.VideoFrame.from_ndarray(shown, format="rgb24").reformat(format=pixels)
                if times_ms is not None:
                    frame.pts, frame.time_base = times_ms[index], Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    return path


def without_durations(path: Path) -> Path:
    """Set the duration of every frame of an mp4 to 0, and those that its headers announce."""
    content = bytearray(path.read_bytes())
    table = content.index(b"stts")
    for entry in range(int.from_bytes(content[table + 8 : table + 12], "big")):
        content[table + 16 + 8 * entry : table + 20 + 8 * entry] = bytes(4)
    for box, offset in DURATIONS.items():
        start = content.index(box) + offset
        content[start : start + 4] = bytes(4)
    path.write_bytes(content)
    return path


def starting_later(path: Path, frames: int) -> Path:
    """Let an mp4's edit list leave out its first frames."""
    content = bytearray(path.read_bytes())
    start = content.index(b"elst") + 12
    length, media_time = struct.unpack_from(">Ii", content, start)
    scale = struct.unpack_from(">I", content, content.index(b"mdhd") + 16)[0]
    struct.pack_into(">Ii", content, start, length - 40 * frames, media_time + frames * scale // 25)
    path.write_bytes(content)
    return path


def declaring(path: Path, side: int) -> Path:
    """A motion JPEG of one small frame whose headers declare ``side`` x ``side`` pixels."""
    encode(path, "mjpeg", "yuvj420p", count=1)
    content = path.read_bytes()
    for kind in (">HH", "<II"):
        height, width = SIZE
        for one, other in ((height, width), (width, height)):
            content = content.replace(struct.pack(kind, one, other), struct.pack(kind, side, side))
    path.write_bytes(content)
    return path


def sound_only(path: Path) -> Path:
    """A second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        sound.rate, sound.pts = 16000, 0
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    return path


def turned(path: Path) -> Path:
    """The walking square, whose track header says that it is shown a quarter turned."""
    content = bytearray(encode(path).read_bytes())
    start = content.index(b"tkhd") + MATRIX_OFFSET
    content[start : start + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in QUARTER_TURN)
    path.write_bytes(content)
    return path


def without_frames(path: Path) -> Path:
    """A file whose header announces a stream in which nothing comes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        container.start_encoding()
    return path

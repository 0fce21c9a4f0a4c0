from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from uvis_core.frames.sampling import sample
from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.video import announced_frames, decode_video, write_video

MATRIX_OFFSET = 44
"""From the name of an mp4 track header to its display matrix (ISO/IEC 14496-12, version 0)."""


def noise(count: int, height: int = 48, width: int = 64) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]


def encode(path: Path, codec: str, milliseconds: list[int], **options: str) -> None:
    """Encode noise with a timestamp per frame."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for image, time in zip(noise(len(milliseconds)), milliseconds, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_frames_come_back_in_time_and_colour(tmp_path: Path) -> None:
    flat = [
        np.full((32, 48, 3), colour, dtype=np.uint8)
        for colour in ((200, 30, 30), (30, 200, 30), (30, 30, 200))
    ]
    write_video(tmp_path / "v.mp4", flat, fps=5)
    decoded = list(decode_video(tmp_path / "v.mp4"))
    assert [time for time, _ in decoded] == pytest.approx([0, 0.2, 0.4])
    for (_, image), original in zip(decoded, flat, strict=True):
        assert image.dtype == np.uint8
        np.testing.assert_allclose(image.astype(int), original, atol=8)


def test_frames_that_are_not_chosen_are_left_out_and_the_end_is_looked_at_all_the_same(
    tmp_path: Path,
) -> None:
    path = tmp_path / "v.mkv"
    encode(path, "mpeg4", list(range(0, 400, 40)))
    every = list(decode_video(path))
    third = list(decode_video(path, partial(sample, stride=3, fps=None)))
    assert [time for time, _ in third] == [time for time, _ in every[::3]]
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(third, every[::3], strict=True))
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(UserError, match=r"breaks off|damaged"):
        list(decode_video(path, partial(sample, stride=100, fps=None)))


def test_odd_sizes_are_padded_and_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, noise(3, 31, 33), fps=10)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert next(decode_video(tmp_path / "a.mp4"))[1].shape == (32, 34, 3)


def test_the_index_lies_in_front_where_it_is_asked_for(tmp_path: Path) -> None:
    order = {}
    for faststart in (False, True):
        write_video(tmp_path / "v.mp4", noise(3), fps=10, faststart=faststart)
        content = (tmp_path / "v.mp4").read_bytes()
        order[faststart] = content.index(b"moov") < content.index(b"mdat")
    assert order == {False: False, True: True}


def test_the_header_tells_how_many_frames_to_expect(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", noise(7), fps=10)
    assert announced_frames(tmp_path / "v.mp4") == 7
    encode(tmp_path / "v.mkv", "libx264", [0, 40, 80, 120])
    assert announced_frames(tmp_path / "v.mkv") in (3, 4, 5)
    (tmp_path / "none.mp4").write_bytes(b"no video")
    assert announced_frames(tmp_path / "none.mp4") is None
    assert announced_frames(tmp_path / "missing.mp4") is None


def test_a_video_without_frames_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        write_video(tmp_path / "v.mp4", [], fps=10)
    assert list(tmp_path.iterdir()) == []


def test_a_variable_frame_rate_is_kept(tmp_path: Path) -> None:
    times = [0, 40, 200, 210, 600, 1000]
    encode(tmp_path / "v.mp4", "libx264", times)
    assert [round(1000 * time) for time, _ in decode_video(tmp_path / "v.mp4")] == times


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((1, 0, 0, 1), (0, 0)),
        ((0, 1, -1, 0), (0, 1)),
        ((-1, 0, 0, -1), (1, 1)),
        ((0, -1, 1, 0), (1, 0)),
    ],
    ids=["upright", "quarter clockwise", "half", "quarter back"],
)
def test_rotation_is_applied(
    tmp_path: Path, matrix: tuple[int, int, int, int], corner: tuple[int, int]
) -> None:
    """A display matrix (a b; c d) sends the pixel at x, y to x' = ax + cy, y' = bx + dy, up to a shift."""
    image = np.zeros((32, 64, 3), dtype=np.uint8)
    image[:16, :16] = 255
    path = tmp_path / "v.mp4"
    write_video(path, [image], fps=1)
    content = bytearray(path.read_bytes())
    a, b, c, d = (value * 0x10000 for value in matrix)
    start = content.index(b"tkhd") + MATRIX_OFFSET
    for place, value in enumerate((a, b, 0, c, d, 0, 0, 0, 0x40000000)):
        content[start + 4 * place : start + 4 * place + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(content)
    _, decoded = next(decode_video(path))
    turned = matrix[0] == 0
    assert decoded.shape == ((64, 32, 3) if turned else (32, 64, 3))
    bright = decoded[:, :, 0] > 128
    rows, columns = np.nonzero(bright)
    assert (int(rows.mean() > decoded.shape[0] / 2), int(columns.mean() > decoded.shape[1] / 2)) == corner


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("v.mp4", "libx264", {}),
        ("v.mp4", "libx264", {"movflags": "faststart"}),
        ("v.mkv", "libx264", {}),
        ("v.webm", "libvpx", {}),
        ("v.avi", "mpeg4", {}),
    ],
    ids=["mp4", "mp4 index first", "mkv", "webm", "avi"],
)
def test_a_cut_video_is_refused(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    encode(tmp_path / name, codec, list(range(0, 1600, 40)), **options)
    assert len(list(decode_video(tmp_path / name))) == 40
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(UserError, match=r"cannot be decoded|breaks off|damaged") as caught:
        list(decode_video(tmp_path / name))
    assert name in caught.value.message


def test_sound_longer_than_the_picture_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as container:
        video, audio = container.add_stream("libx264", rate=25), container.add_stream("aac", rate=16000)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for image in noise(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(video.encode())
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), format="fltp", layout="mono")
        sound.rate, sound.pts = 16000, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode())
    assert len(list(decode_video(path))) == 5


def test_a_missing_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"v\.mp4: cannot be decoded \(No such file"):
        list(decode_video(tmp_path / "v.mp4"))


def test_a_header_that_wants_more_memory_than_any_video_is_the_files_fault(tmp_path: Path) -> None:
    encode(tmp_path / "v.mp4", "libx264", [0, 40, 80])
    content = bytearray((tmp_path / "v.mp4").read_bytes())
    count = content.index(b"stts") + 8
    content[count : count + 4] = (2**28 + 1).to_bytes(4, "big")
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(UserError, match=r"v\.mp4: cannot be decoded \(asks for more than") as caught:
        list(decode_video(tmp_path / "v.mp4"))
    assert not isinstance(caught.value, MachineError)

import errno
import os
import resource
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.images import image_size, read_image, whole_image_size, write_image

IMAGE = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def test_png_is_exact(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", IMAGE)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), IMAGE)
    assert image_size(tmp_path / "a.png") == (5, 7)


def test_jpeg_is_close_and_quality_counts(tmp_path: Path) -> None:
    smooth = np.linspace(0, 255, 40 * 40 * 3).reshape(40, 40, 3).astype(np.uint8)
    write_image(tmp_path / "good.jpg", smooth, quality=95)
    write_image(tmp_path / "poor.jpg", smooth, quality=20)
    np.testing.assert_allclose(read_image(tmp_path / "good.jpg").astype(int), smooth, atol=12)
    assert (tmp_path / "poor.jpg").stat().st_size < (tmp_path / "good.jpg").stat().st_size


def test_a_cut_image_is_named(tmp_path: Path) -> None:
    write_image(tmp_path / "a.jpg", np.tile(IMAGE, (20, 20, 1)))
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"a\.jpg: cannot be read as an image"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_image_has_no_whole_size(tmp_path: Path, name: str, share: float) -> None:
    write_image(tmp_path / name, np.tile(IMAGE, (20, 20, 1)))
    assert whole_image_size(tmp_path / name) == (100, 140)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UserError, match=rf"{name}: cannot be read as an image"):
        whole_image_size(tmp_path / name)


def test_grey_of_16_bits_keeps_its_upper_8(tmp_path: Path) -> None:
    deep = np.array([[0, 255, 256], [32768, 65280, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[..., 0].tolist() == [[0, 0, 1], [128, 255, 255]]


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the frame is missing"):
        read_image(tmp_path / "a.jpg")
    with pytest.raises(UserError, match="cannot be read"):
        image_size(tmp_path / "a.jpg")


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be read"):
        image_size(tmp_path / "a.jpg")


@pytest.mark.parametrize("read", [read_image, image_size])
@pytest.mark.parametrize("side", [65500, 9000])
def test_a_size_beyond_reason_is_refused_unread(tmp_path: Path, read: Callable, side: int) -> None:
    write_image(tmp_path / "a.png", IMAGE)
    content = (tmp_path / "a.png").read_bytes()
    header = b"IHDR" + struct.pack(">II", side, side) + content[24:29]
    (tmp_path / "a.png").write_bytes(
        content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]
    )
    with pytest.raises(
        UserError, match=r"a\.png: (declares 9000 x 9000|cannot be read as an image .*exceeds)"
    ):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("read", [read_image, image_size])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to("nowhere"), "the frame is missing"),
        (lambda path: path.symlink_to(path.name), "cannot be read as an image"),
        (lambda path: path.mkdir(), "a folder or a pipe"),
        (os.mkfifo, "a folder or a pipe"),
        (lambda path: path.write_bytes(b""), "cannot be read as an image"),
        (
            lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
            "cannot be read as an",
        ),
    ],
    ids=["dangling link", "loop", "folder", "pipe", "no bytes", "program in PostScript"],
)
def test_what_is_no_picture_is_named(tmp_path: Path, read: Callable, make: Callable, words: str) -> None:
    make(tmp_path / "a.jpg")
    with pytest.raises(UserError, match=rf"a\.jpg: .*{words}") as caught:
        read(tmp_path / "a.jpg")
    assert not isinstance(caught.value, MachineError)


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), MemoryError()], ids=["disk", "memory"]
)
def test_the_machines_faults_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    write_image(tmp_path / "a.png", IMAGE)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(MachineError, match=r"a\.png: cannot be read \("):
        image_size(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_disk_that_keeps_a_part_is_noticed(tmp_path: Path, name: str) -> None:
    """A nearly full disk writes less than it was asked to, and only the next write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, before[1]))
    try:
        with pytest.raises(MachineError, match="cannot be written"):
            write_image(
                tmp_path / name, np.random.default_rng(0).integers(0, 256, (110, 110, 3), dtype=np.uint8)
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []

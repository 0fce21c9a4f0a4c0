from pathlib import Path

import numpy as np
import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.images import image_size, read_image, write_image

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


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the frame is missing"):
        read_image(tmp_path / "a.jpg")
    with pytest.raises(UserError, match="cannot be read"):
        image_size(tmp_path / "a.jpg")


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be read"):
        image_size(tmp_path / "a.jpg")

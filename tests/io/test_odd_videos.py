from pathlib import Path

import numpy as np
import pytest

from tests.io.odd_videos import (
    COUNT,
    SIZE,
    encode,
    moving,
    starting_later,
    without_durations,
)
from uvis_core.io import video
from uvis_core.io.errors import UserError
from uvis_core.io.video import decode_video

FRAME_S = 0.04


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("v.mp4", "libx264", "yuv420p10le", {}),
        ("v.mp4", "libx264", "yuv444p", {}),
        ("v.mp4", "libx264", "gray", {}),
        ("v.mkv", "libx264", "yuv422p10le", {}),
        ("v.webm", "libvpx-vp9", "yuva420p", {}),
        ("v.mov", "qtrle", "argb", {}),
        ("v.mp4", "libx264", "yuv420p", {"x264-params": "interlaced=1"}),
        ("v.avi", "ffv1", "yuv420p", {}),
    ],
    ids=["10 bit", "4:4:4", "grey", "4:2:2", "alpha", "alpha of the mov", "interlaced", "ffv1"],
)
def test_other_pixels_become_rgb_of_8_bits(
    tmp_path: Path, name: str, codec: str, pixels: str, options: dict[str, str]
) -> None:
    decoded = list(decode_video(encode(tmp_path / name, codec, pixels, options=options)))
    assert [time for time, _ in decoded] == pytest.approx(
        [FRAME_S * number for number in range(COUNT)], abs=2e-3
    )
    for (_, image), original in zip(decoded, moving(), strict=True):
        assert (image.dtype, image.shape) == (np.uint8, (*SIZE, 3))
        expected = (
            np.repeat(original.mean(axis=2, keepdims=True), 3, axis=2) if pixels == "gray" else original
        )
        # The inside of the square and a corner: edges of colour are soft where colour is stored in less detail.
        assert abs(image[2:6, 60:].astype(float) - expected[2:6, 60:]).mean() < 16
        assert abs(float(image.mean()) - float(expected.mean())) < 16


def test_pixels_that_are_not_square_stay_as_stored(tmp_path: Path) -> None:
    _, image = next(decode_video(encode(tmp_path / "v.mp4", aspect=2)))
    assert image.shape == (*SIZE, 3)


def test_the_first_of_two_streams_is_taken_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    decoded = list(decode_video(encode(tmp_path / "v.mp4", streams=2)))
    assert len(decoded) == COUNT
    assert abs(decoded[0][1][0, 0].astype(int) - 40).max() < 6
    assert "v.mp4: has 2 video streams; the first is taken" in caplog.text


@pytest.mark.parametrize("options", [{"bf": "0"}, {"bf": "0", "g": "1"}], ids=["predicted", "whole frames"])
def test_frames_without_durations_are_all_there_and_ascend(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, options: dict[str, str]
) -> None:
    path = without_durations(encode(tmp_path / "v.mp4", options=options))
    times = [time for time, _ in decode_video(path)]
    assert times == pytest.approx([FRAME_S * number for number in range(COUNT)])
    assert caplog.text.count("v.mp4: frame 1 is at 0 s, after one at 0 s") == 1


def test_frames_that_a_broken_clock_loses_are_missed(tmp_path: Path) -> None:
    """Frames that are shown before others are outside the edit list once no frame lasts."""
    path = without_durations(encode(tmp_path / "v.mp4", options={"bf": "2"}))
    with pytest.raises(UserError, match=rf"v\.mp4: only \d+ of its {COUNT} frames come out"):
        list(decode_video(path))


def test_equal_timestamps_lose_no_frame(tmp_path: Path) -> None:
    path = encode(tmp_path / "v.mkv", times_ms=[0] * COUNT)
    times = [time for time, _ in decode_video(path)]
    assert len(times) == COUNT
    assert np.all(np.diff(times) > 0)


def test_an_edit_list_is_followed(tmp_path: Path) -> None:
    path = starting_later(encode(tmp_path / "v.mp4", options={"bf": "0"}), 4)
    decoded = list(decode_video(path))
    assert len(decoded) == COUNT - 4
    assert abs(decoded[0][1].astype(int) - moving()[4]).mean() < 8


def test_a_size_that_grows_on_the_way_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = encode(tmp_path / "small.ts").read_bytes()
    large = encode(tmp_path / "large.ts", size=(480, 640)).read_bytes()
    (tmp_path / "v.mp4").write_bytes(small + large)
    assert {image.shape[:2] for _, image in decode_video(tmp_path / "v.mp4")} == {SIZE, (480, 640)}
    monkeypatch.setattr(video, "MAX_PIXELS", 100 * 100)
    with pytest.raises(UserError, match=r"v\.mp4: cannot be decoded"):
        list(decode_video(tmp_path / "v.mp4"))

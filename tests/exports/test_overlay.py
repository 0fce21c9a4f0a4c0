from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.exports.world import World
from uvis_core.drawing.pictures import resize_image
from uvis_core.exports import overlay
from uvis_core.exports.overlay import (
    ContactSheet,
    clock_text,
    draw_frame,
    drawn_size,
    drawn_track,
    playing_rate,
    write_overlay,
)
from uvis_core.io.images import read_image
from uvis_core.io.rle import encode_masks
from uvis_core.io.video import decode_video

SIZE = 48, 65
LOOKS = {2: drawn_track(2, "star", 0.876)}


def square(left):
    mask = np.zeros((1, *SIZE), dtype=bool)
    mask[0, 20:40, left : left + 20] = True
    return encode_masks(mask)[0]


def write(path, frames=15, fps=12.5):
    pictures = (
        (np.full((*SIZE, 3), 40, dtype=np.uint8), {2: square(frame)} if frame != 3 else {})
        for frame in range(frames)
    )
    write_overlay(path, pictures, LOOKS, size_px=SIZE, count=frames, fps=fps)
    return path


def test_every_video_of_a_split_is_drawn_from_its_images(world: World, tmp_path: Path) -> None:
    content = world.content("tracks", min_score=0.0)
    overlay.write(tmp_path, content)
    for video, objects in content.videos_and_objects():
        images = [read_image(path) for path in video.paths]
        decoded = list(decode_video(tmp_path / f"{video.name}.mp4"))
        assert len(decoded) == len(images)
        assert (tmp_path / f"{video.name}.jpg").is_file()
        for place, ((_, drawn), image) in enumerate(zip(decoded, images, strict=True)):
            plain = resize_image(image, *drawn_size(*image.shape[:2])).astype(int)
            height, width = plain.shape[:2]
            changed = np.abs(drawn[:height, :width] - plain).mean()
            assert (changed > 1) == any(place in entry.masks for entry in objects)


def test_weak_tracks_are_not_drawn_unless_asked_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlay, "LEAST_SCORE", 0.6)
    drawn = {}
    for name, score in (("plain", None), ("as plain", 0.6), ("all", 0.0)):
        (tmp_path / name).mkdir()
        overlay.write(tmp_path / name, world.content("tracks", min_score=score))
        drawn[name] = {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.mp4")}
    assert drawn["plain"] == drawn["as plain"] != drawn["all"]


def test_browsers_play_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, stream.frames) == ("h264", "yuv420p", 15)
        assert context.width % 2 == context.height % 2 == 0
        assert stream.average_rate == 12.5
    # The index lies before the pictures, so that playing starts before the whole file has come.
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_objects_are_drawn_where_they_are_and_only_there(tmp_path: Path) -> None:
    frames = [image for _, image in decode_video(write(tmp_path / "a.mp4"))]
    # Each pixel has become five; the encoder moves values a little.
    assert frames[0].shape == (240, 326, 3)
    assert np.ptp(frames[5][150, 60:100].astype(int).mean(axis=0)) > 20
    assert np.ptp(frames[5][150, 250:300].astype(int).mean(axis=0)) < 8
    assert frames[3].std() < 2


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4")
    write(tmp_path / "b.mp4")
    for suffix in (".mp4", ".jpg"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_a_video_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def broken():
        yield np.zeros((*SIZE, 3), dtype=np.uint8), {}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_overlay(tmp_path / "a.mp4", broken(), {}, size_px=SIZE, count=2, fps=5)
    assert list(tmp_path.iterdir()) == []


def test_a_track_keeps_its_colour_and_says_what_it_is() -> None:
    image = np.zeros((*SIZE, 3), dtype=np.uint8)
    first, second = (draw_frame(image, {2: square(left)}, LOOKS, SIZE) for left in (0, 30))
    assert LOOKS[2].text == "#2 star 0.88"
    assert tuple(first[180, 50]) == tuple(second[180, 200])
    other = draw_frame(image, {3: square(0)}, {3: drawn_track(3, "star", 0.9)}, SIZE)
    assert tuple(other[180, 50]) != tuple(first[180, 50])


def test_of_two_classes_of_one_mask_the_better_one_shows() -> None:
    image = np.zeros((*SIZE, 3), dtype=np.uint8)
    looks = {0: drawn_track(0, "star", 0.5), 1: drawn_track(1, "ring", 0.4)}
    alone = draw_frame(image, {0: square(20)}, looks, SIZE)
    both = draw_frame(image, {0: square(20), 1: square(20)}, looks, SIZE)
    assert tuple(both[198, 150]) == tuple(alone[198, 150]) != (0, 0, 0)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 96), (256, 384)), ((96, 64), (384, 256)), ((240, 320), (240, 320)), ((1080, 1920), (1080, 1920))],
)
def test_small_frames_grow_and_large_ones_stay(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert drawn_size(*size) == expected


@pytest.mark.parametrize(
    ("frames", "last_s", "fps"), [(31, 1.0, 30), (61, 1.0, 60), (10, 9.0, 5), (1, 0.0, 5), (1000, 0.999, 120)]
)
def test_the_rate_follows_the_timestamps_within_limits(frames: int, last_s: float, fps: float) -> None:
    assert playing_rate(frames, 2.0, 2.0 + last_s) == pytest.approx(fps)


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "0:00.0"), (7.46, "0:07.5"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")]
)
def test_clock(time_s: float, text: str) -> None:
    assert clock_text(time_s) == text


@pytest.mark.parametrize(("count", "places"), [(1, [0]), (3, [0, 1, 2]), (111, list(range(0, 111, 10)))])
def test_the_sheet_shows_frames_from_first_to_last(count: int, places: list[int]) -> None:
    sheet = ContactSheet(count, fps=10)
    assert sheet.places == (places if count < 12 else [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110])
    passed = list(sheet.passed(np.full((24, 32, 3), place, dtype=np.uint8) for place in range(count)))
    assert len(passed) == count
    picture = sheet.picture()
    columns, rows = min(len(places), 4), -(-len(places) // 4)
    assert picture.shape == (rows * (240 + 24) + (rows - 1) * 4, columns * 320 + (columns - 1) * 4, 3)
    assert picture[-1, -1].tolist() == [places[-1]] * 3


def test_the_sheet_is_a_picture(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4")
    with Image.open(tmp_path / "a.jpg") as picture:
        assert (picture.format, picture.width) == ("JPEG", 4 * 320 + 3 * 4)

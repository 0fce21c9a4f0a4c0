import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.report.made_up import HEIGHT, LENGTH, WIDTH, counts, write_frames
from uvis_core.drawing.pictures import MARK, PALETTE
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table
from uvis_core.io.tubes import build_tube
from uvis_core.io.video import decode_video
from uvis_core.report.drawing.clips import (
    GAP_PX,
    clip_fps,
    compose,
    draw_layer,
    draw_objects,
    picture_size,
    render_clip,
)
from uvis_core.report.drawing.layers import DrawnObject, Layer

STRIP_PX = 12
STAR = DrawnObject(
    3, "star", build_tube({frame: counts(frame, 3).encode() for frame in range(2)}, HEIGHT, WIDTH)
)


@pytest.fixture
def clip(tmp_path):
    frames = read_table(write_frames(tmp_path, "test", ["one"])[0], FRAMES)
    return render_clip(
        "one",
        frames["path"].to_pylist(),
        frames["frame_index"].to_pylist(),
        6.0,
        [Layer("Video"), Layer("Tracks", [STAR])],
        height_px=96,
        max_frames=3,
    )


def content(uri, kind):
    head, _, data = uri.partition(",")
    assert head == f"data:{kind};base64"
    return base64.b64decode(data)


@pytest.mark.parametrize(
    ("height", "width", "target", "expected"),
    [
        (128, 160, 256, (256, 320)),
        (128, 160, 100, (100, 126)),
        (720, 1280, 256, (256, 456)),
        (200, 300, 256, (200, 300)),
        (33, 41, 64, (66, 82)),
    ],
)
def test_small_frames_grow_by_whole_factors_and_large_ones_shrink(height, width, target, expected):
    size = picture_size(height, width, target)
    assert size == pytest.approx(expected, abs=2)
    assert size[0] % 2 == size[1] % 2 == 0


@pytest.mark.parametrize(
    ("timestamps", "fps"),
    [([0, 0.1, 0.2], 10), ([0, 1, 2], 5), ([0, 0.01], 30), ([3.0], 6), ([], 6), ([1, 1, 1], 6)],
)
def test_clips_play_in_real_time_within_limits(timestamps, fps):
    assert clip_fps(timestamps) == pytest.approx(fps)


def test_objects_are_drawn_where_they_are():
    image = np.zeros((2 * HEIGHT, 2 * WIDTH, 3), dtype=np.uint8)
    drawn = draw_objects(image, [DrawnObject(3, "", STAR.tube)], 1)
    assert drawn[12, 18].any()
    assert not drawn[40, 50].any()
    assert (draw_objects(image, [STAR], 5) == image).all()


def test_marks_frame_their_object_in_its_frames_only():
    image = np.zeros((4 * HEIGHT, 4 * WIDTH, 3), dtype=np.uint8)
    layer = Layer(
        "Tracks", marks=[DrawnObject(0, "switch", build_tube({1: STAR.tube.counts[1]}, HEIGHT, WIDTH))]
    )
    assert (draw_layer(image, layer, 0) == image).all()
    drawn = draw_layer(image, layer, 1)
    # The square of columns 5 to 10 and rows 3 to 8 is four times as large here; the box lies 4 pixels outside.
    assert tuple(drawn[24, 16]) == tuple(drawn[8, 32]) == MARK
    assert not drawn[24, 32].any()


def test_colours_go_round():
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    drawn = draw_objects(image, [DrawnObject(len(PALETTE) + 3, "", STAR.tube)], 0)
    assert (drawn == draw_objects(image, [DrawnObject(3, "", STAR.tube)], 0)).all()


@pytest.mark.parametrize("in_row", [True, False])
def test_pictures_stand_in_row_or_column(in_row):
    pictures = [np.full((20, 30, 3), value, dtype=np.uint8) for value in (50, 150)]
    whole = compose(pictures, ["a", "b"], in_row)
    # Strips of pictures as narrow as these have the least height.
    one = 20 + STRIP_PX
    expected = (one + STRIP_PX, 60 + GAP_PX) if in_row else (2 * one + GAP_PX + STRIP_PX, 30)
    assert whole.shape == (*expected, 3)
    assert (whole[STRIP_PX : STRIP_PX + 20, :30] == 50).all()
    second = (
        whole[STRIP_PX : STRIP_PX + 20, 30 + GAP_PX :] if in_row else whole[one + GAP_PX + STRIP_PX :][:20]
    )
    assert (second == 150).all()


def test_clips_hold_the_frames_twice(clip, tmp_path):
    assert (clip.frames, clip.frames_in_all, clip.titles) == (3, LENGTH, ("Video", "Tracks"))
    for rendition in (clip.row, clip.column):
        path = tmp_path / "clip.mp4"
        path.write_bytes(content(rendition.video, "video/mp4"))
        shapes = [image.shape for _, image in decode_video(path)]
        assert shapes == [(rendition.height_px, rendition.width_px, 3)] * 3
        still = Image.open(io.BytesIO(content(rendition.still, "image/jpeg")))
        assert still.size == (rendition.width_px, rendition.height_px)
    assert (clip.row.height_px, clip.row.width_px) == (96 + 12 + 16, 2 * 128 + GAP_PX)


def test_a_single_picture_needs_one_arrangement(clip, tmp_path):
    frames = read_table(write_frames(tmp_path, "test", ["one"])[0], FRAMES)
    alone = render_clip("one", frames["path"].to_pylist(), [0, 1, 2, 3], 6.0, [Layer("Video")], 64, 9)
    assert alone.column is None
    assert alone.bytes == len(alone.row.video) + len(alone.row.still)


def test_a_missing_frame_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.jpg"):
        render_clip("one", [str(tmp_path / "gone.jpg")], [0], 6.0, [Layer("Video")], 64, 9)

import pyarrow as pa
import pytest

from tests.report.made_up import HEIGHT, NAMES, WIDTH, counts, square
from uvis_core.io.rle import decode_masks
from uvis_core.io.tubes import build_tube
from uvis_core.report.drawing.layers import (
    TAG_LENGTH,
    DrawnObject,
    Layer,
    label_layer,
    matched_colours,
    short_name,
    switch_marks,
    track_layer,
    truth_layer,
)


def tube(*squares):
    """Squares by frame: each a number of steps to the right and a row."""
    encoded = {frame: counts(*place).encode() for frame, place in enumerate(squares)}
    return build_tube(encoded, HEIGHT, WIDTH)


def pixels(drawn, frame):
    return decode_masks([drawn.tube.counts[frame]], HEIGHT, WIDTH)[0]


def test_labels_show_only_what_was_kept():
    masks = pa.table(
        {
            "mask_id": [7, 8],
            "frame_index": [0, 1],
            "rle_counts": [counts(0, 3), counts(1, 3)],
            "height_px": [HEIGHT] * 2,
            "width_px": [WIDTH] * 2,
        }
    )
    labels = pa.table(
        {"mask_id": [8, 7], "class_id": [2, 1], "class_score": [0.876, 0.5], "kept": [True, False]}
    )
    layer = label_layer(masks, labels, NAMES)
    assert [(shown.colour, shown.text, list(shown.tube.counts)) for shown in layer.objects] == [
        (1, "ring 0.88", [1])
    ]
    assert (pixels(layer.objects[0], 1) == square(1, 3)).all()


def truth_of(*objects):
    """A row of table truth; every object is its id, its class and the frames where it is."""
    return {
        "height_px": HEIGHT,
        "width_px": WIDTH,
        "objects": [
            {
                "object_id": object_id,
                "class_id": class_id,
                "frame_index": frames,
                "rle_counts": [counts(frame, 3) for frame in frames],
            }
            for object_id, class_id, frames in objects
        ],
    }


def test_truth_is_coloured_by_object_or_by_class():
    truth = truth_of(("1", 2, [0]), ("2", 2, [1, 3]), ("3", 9, []))
    by_object = truth_layer(truth, NAMES, by_class=False).objects
    assert [(shown.colour, shown.text, list(shown.tube.counts)) for shown in by_object] == [
        (0, "ring", [0]),
        (1, "ring", [1, 3]),
        (2, "9", []),
    ]
    assert (pixels(by_object[1], 3) == square(3, 3)).all()
    assert [shown.colour for shown in truth_layer(truth, NAMES, by_class=True).objects] == [1, 1, 2]


@pytest.mark.parametrize(
    ("first", "held", "frames"), [(1, 1, [1]), (0, 2, [0, 1]), (0, 4, [0, 1, 3]), (3, 15, [3]), (2, 1, [])]
)
def test_marks_stay_for_their_time_where_the_object_is(first, held, frames):
    truth = truth_of(("5", 1, [0, 1, 3]), ("6", 1, [2]))
    (mark,) = switch_marks(truth, [(first, "5")], held)
    assert list(mark.tube.counts) == frames
    assert all((pixels(mark, frame) == square(frame, 3)).all() for frame in frames)


def test_a_switch_of_an_unknown_object_marks_nothing():
    assert switch_marks(truth_of(("5", 1, [0])), [(0, "99")], 4)[0].tube.counts == {}
    assert switch_marks(truth_of(), [], 4) == []


def tracks_of(*rows):
    names = ("track_id", "class_id", "score", "frame_index", "rle_counts")
    table = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pa.table(table | {"height_px": [HEIGHT] * len(rows), "width_px": [WIDTH] * len(rows)})


def test_tracks_take_the_colour_of_their_truth():
    truth = Layer("Truth", [DrawnObject(0, "star", tube((0, 3))), DrawnObject(1, "ring", tube((0, 14)))])
    tracks = tracks_of(
        (4, 1, 0.9, 0, counts(0, 14)),
        (5, 2, 0.8, 0, counts(3, 9)),
        (6, 1, 0.2, 0, counts(0, 3)),
    )
    layer = track_layer(tracks, NAMES, 0.3, truth)
    assert [(shown.colour, shown.text) for shown in layer.objects] == [(1, "star 0.90"), (2, "ring 0.80")]


def test_tracks_without_truth_have_a_colour_each():
    tracks = tracks_of(
        (4, 1, 0.9, 0, counts(0, 3)), (4, 1, 0.9, 1, counts(1, 3)), (9, 1, 0.9, 0, counts(0, 14))
    )
    layer = track_layer(tracks, NAMES, 0.0, None)
    assert [(shown.colour, list(shown.tube.counts)) for shown in layer.objects] == [(0, [0, 1]), (1, [0])]
    assert track_layer(tracks.slice(0, 0), NAMES, 0.0, None).objects == []


def test_each_truth_gives_its_colour_once():
    # Both overlap; the exact one wins, the shifted one gets a colour of its own.
    assert matched_colours([tube((0, 3))], [tube((1, 3)), tube((0, 3))]) == [1, 0]


def test_little_overlap_is_another_object():
    # Squares of 36 pixels, 3 columns apart: 18 of 54 shared in one frame, none in 8 others, 18 of 630 in all.
    far = [(0, 14)] * 8
    assert matched_colours([tube((0, 3), *far)], [tube((1, 3), *far)]) == [0]
    assert matched_colours([tube((0, 3), *far)], [tube((1, 3), *[(3, 3)] * 8)]) == [1]
    assert matched_colours([], [tube((0, 3))]) == [0]


def test_tags_are_as_long_as_a_frame_has_room_for():
    assert short_name(1, {1: "x" * 3000}) == "x" * (TAG_LENGTH - 1) + "…"
    assert short_name(1, NAMES) == "star"
    assert short_name(9, NAMES) == "9"

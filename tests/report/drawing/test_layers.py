import pyarrow as pa
import pytest

from tests.report.made_up import HEIGHT, NAMES, WIDTH, counts, square
from uvis_core.io.rle import decode_masks, to_coco
from uvis_core.report.drawing.layers import (
    DrawnObject,
    Layer,
    label_layer,
    masks_iou,
    matched_colours,
    switch_marks,
    track_layer,
    truth_layer,
)


def rle(frame, row):
    return to_coco(counts(frame, row), HEIGHT, WIDTH)


def pixels(mask):
    return decode_masks([mask["counts"].decode("ascii")], *mask["size"])[0]


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
    assert [(shown.colour, shown.text, list(shown.masks)) for shown in layer.objects] == [
        (1, "ring 0.88", [1])
    ]
    assert (pixels(layer.objects[0].masks[1]) == square(1, 3)).all()


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
    assert [(shown.colour, shown.text, list(shown.masks)) for shown in by_object] == [
        (0, "ring", [0]),
        (1, "ring", [1, 3]),
        (2, "9", []),
    ]
    assert (pixels(by_object[1].masks[3]) == square(3, 3)).all()
    assert [shown.colour for shown in truth_layer(truth, NAMES, by_class=True).objects] == [1, 1, 2]


@pytest.mark.parametrize(
    ("first", "held", "frames"), [(1, 1, [1]), (0, 2, [0, 1]), (0, 4, [0, 1, 3]), (3, 15, [3]), (2, 1, [])]
)
def test_marks_stay_for_their_time_where_the_object_is(first, held, frames):
    truth = truth_of(("5", 1, [0, 1, 3]), ("6", 1, [2]))
    (mark,) = switch_marks(truth, [(first, "5")], held)
    assert list(mark.masks) == frames
    assert all((pixels(mark.masks[frame]) == square(frame, 3)).all() for frame in frames)


def test_a_switch_of_an_unknown_object_marks_nothing():
    assert switch_marks(truth_of(("5", 1, [0])), [(0, "99")], 4)[0].masks == {}
    assert switch_marks(truth_of(), [], 4) == []


def tracks_of(*rows):
    names = ("track_id", "class_id", "score", "frame_index", "rle_counts")
    table = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pa.table(table | {"height_px": [HEIGHT] * len(rows), "width_px": [WIDTH] * len(rows)})


def test_tracks_take_the_colour_of_their_truth():
    truth = Layer("Truth", [DrawnObject(0, "star", {0: rle(0, 3)}), DrawnObject(1, "ring", {0: rle(0, 14)})])
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
    assert [(shown.colour, list(shown.masks)) for shown in layer.objects] == [(0, [0, 1]), (1, [0])]
    assert track_layer(tracks.slice(0, 0), NAMES, 0.0, None).objects == []


def test_each_truth_gives_its_colour_once():
    truth = [{0: rle(0, 3)}]
    # Both overlap; the exact one wins, the shifted one gets a colour of its own.
    assert matched_colours(truth, [{0: rle(1, 3)}, {0: rle(0, 3)}]) == [1, 0]


def test_masks_iou_sums_over_frames():
    # Squares of 36 pixels that are 3 columns apart share 18: frame 0 has 36 of 36, frame 1 has 18 of 54.
    first = {0: rle(0, 3), 1: rle(0, 3)}
    second = {0: rle(0, 3), 1: rle(1, 3)}
    assert masks_iou(first, second) == pytest.approx(54 / 90)
    assert masks_iou(first, {2: rle(0, 3)}) == 0
    assert masks_iou({}, {}) == 0
    assert masks_iou(first, {0: to_coco(counts(0, 3), WIDTH, HEIGHT)}) == 0


def test_objects_of_many_frames_have_an_iou():
    long = {frame: rle(0, 3) for frame in range(300)}
    assert masks_iou(long, long) == 1

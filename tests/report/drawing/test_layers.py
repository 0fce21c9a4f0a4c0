import numpy as np
import pyarrow as pa
import pytest
from uvis_core.report.layers import (
    Layer,
    Tube,
    coco_mask,
    label_layer,
    matched_colours,
    track_layer,
    truth_layer,
    tube_iou,
)

from tests.report.made_up import HEIGHT, NAMES, WIDTH, counts, square
from uvis_core.io.rle import decode_masks, to_coco


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
    assert [(tube.colour, tube.text, list(tube.masks)) for tube in layer.tubes] == [(1, "ring 0.88", [1])]
    assert (pixels(layer.tubes[0].masks[1]) == square(1, 3)).all()


def truth_of(*annotations):
    video = {"id": 1, "height": HEIGHT, "width": WIDTH}
    return {"videos": [video], "annotations": list(annotations)}, video


def test_truth_leaves_out_frames_without_the_object():
    segmentation = {"size": [HEIGHT, WIDTH], "counts": counts(1, 3)}
    truth, video = truth_of(
        {"id": 2, "video_id": 1, "category_id": 2, "segmentations": [None, segmentation]},
        {"id": 1, "video_id": 1, "category_id": 2, "segmentations": [segmentation, None]},
        {"id": 3, "video_id": 9, "category_id": 1, "segmentations": [segmentation, None]},
    )
    by_object = truth_layer(truth, video, NAMES, by_class=False).tubes
    assert [(tube.colour, tube.text, list(tube.masks)) for tube in by_object] == [
        (0, "ring", [0]),
        (1, "ring", [1]),
    ]
    assert [tube.colour for tube in truth_layer(truth, video, NAMES, by_class=True).tubes] == [1, 1]


def tracks_of(*rows):
    names = ("track_id", "class_id", "score", "frame_index", "rle_counts")
    table = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pa.table(table | {"height_px": [HEIGHT] * len(rows), "width_px": [WIDTH] * len(rows)})


def test_tracks_take_the_colour_of_their_truth():
    truth = Layer("Truth", [Tube(0, "star", {0: rle(0, 3)}), Tube(1, "ring", {0: rle(0, 14)})])
    tracks = tracks_of(
        (4, 1, 0.9, 0, counts(0, 14)),
        (5, 2, 0.8, 0, counts(3, 9)),
        (6, 1, 0.2, 0, counts(0, 3)),
    )
    layer = track_layer(tracks, NAMES, 0.3, truth)
    assert [(tube.colour, tube.text) for tube in layer.tubes] == [(1, "star 0.90"), (2, "ring 0.80")]


def test_tracks_without_truth_have_a_colour_each():
    tracks = tracks_of(
        (4, 1, 0.9, 0, counts(0, 3)), (4, 1, 0.9, 1, counts(1, 3)), (9, 1, 0.9, 0, counts(0, 14))
    )
    layer = track_layer(tracks, NAMES, 0.0, None)
    assert [(tube.colour, list(tube.masks)) for tube in layer.tubes] == [(0, [0, 1]), (1, [0])]
    assert track_layer(tracks.slice(0, 0), NAMES, 0.0, None).tubes == []


def test_each_truth_gives_its_colour_once():
    truth = [{0: rle(0, 3)}]
    # Both overlap; the exact one wins, the shifted one gets a colour of its own.
    assert matched_colours(truth, [{0: rle(1, 3)}, {0: rle(0, 3)}]) == [1, 0]


def test_tube_iou_sums_over_frames():
    # Squares of 36 pixels that are 3 columns apart share 18: frame 0 has 36 of 36, frame 1 has 18 of 54.
    first = {0: rle(0, 3), 1: rle(0, 3)}
    second = {0: rle(0, 3), 1: rle(1, 3)}
    assert tube_iou(first, second) == pytest.approx(54 / 90)
    assert tube_iou(first, {2: rle(0, 3)}) == 0
    assert tube_iou({}, {}) == 0
    assert tube_iou(first, {0: to_coco(counts(0, 3), WIDTH, HEIGHT)}) == 0


def test_tubes_of_many_frames_have_an_iou():
    long = {frame: rle(0, 3) for frame in range(300)}
    assert tube_iou(long, long) == 1


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [4, 6], "counts": [4, 8, 12]},
        [[1, 0, 3, 0, 3, 4, 1, 4]],
    ],
)
def test_plain_run_lengths_and_polygons_are_read(segmentation):
    expected = np.zeros((4, 6), dtype=bool)
    expected[:, 1:3] = True
    assert (pixels(coco_mask(segmentation, 4, 6)) == expected).all()


@pytest.mark.parametrize("segmentation", [None, [], {}])
def test_no_segmentation_gives_no_mask(segmentation):
    assert coco_mask(segmentation, 4, 6) is None

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import HEIGHT, WIDTH, box_mask
from uvis_core.io.rle import encode_masks
from uvis_core.io.tubes import build_tube, read_segmentations, shared_pixels, tube_ious


def as_rle(mask: np.ndarray) -> dict:
    return {"size": list(mask.shape), "counts": encode_masks(mask[None])[0]}


def pixel_iou(one: np.ndarray, other: np.ndarray) -> float:
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 0.0


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 20),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    density=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    floor=st.sampled_from([0.0, 0.2, 0.5]),
)
def test_equals_counting_pixels(seed, frames, height, width, density, floor):
    generator = np.random.default_rng(seed)
    pixels = generator.random((5, frames, height, width)) < density
    pixels[1] ^= generator.random((frames, height, width)) < 0.1
    pixels[2] = pixels[0] ^ (generator.random((frames, height, width)) < 0.2)
    pixels[3, generator.integers(frames)] = False
    tubes = [
        read_segmentations(
            [as_rle(mask) if mask.any() or generator.random() < 0.5 else None for mask in masks],
            height,
            width,
        )
        for masks in pixels
    ]
    ious = tube_ious(tubes[:2], tubes[2:], floor)
    shared = shared_pixels(tubes[:2], tubes[2:], range(frames))
    for row in range(2):
        assert tubes[row].areas_by_frame(frames).tolist() == pixels[row].sum(axis=(1, 2)).tolist()
        for column in range(3):
            expected = pixel_iou(pixels[row], pixels[2 + column])
            assert ious[row, column] == (expected if expected >= floor else 0.0)
            both = pixels[row] & pixels[2 + column]
            assert shared[:, row, column].tolist() == both.sum(axis=(1, 2)).tolist()


def test_iou_by_hand():
    # Frame 0: 4 px each, 2 shared. Frame 1: only the first, 4 px. Sum of intersections 2, of unions 6 + 4.
    first = read_segmentations([box_mask(0, 0), box_mask(0, 0)], HEIGHT, WIDTH)
    second = read_segmentations([box_mask(0, 1), None], HEIGHT, WIDTH)
    assert tube_ious([first], [second]).tolist() == [[0.2]]


def test_masks_of_different_frames_are_never_compared():
    # The same place in other frames: nothing is shared.
    track = [box_mask(0, 0) if frame % 2 else None for frame in range(20)]
    truth = [None if frame % 2 else box_mask(0, 0) for frame in range(20)]
    tubes = [read_segmentations(masks, HEIGHT, WIDTH) for masks in (track, truth)]
    assert tube_ious(tubes[:1], tubes[1:]).tolist() == [[0.0]]
    assert shared_pixels(tubes[:1], tubes[:1], [1, 2, 9]).ravel().tolist() == [4, 0, 4]


def test_forms_of_one_mask_are_equal():
    forms = [
        box_mask(1, 2),
        {"size": [HEIGHT, WIDTH], "counts": [13, 2, 4, 2, 27]},
        [[2.0, 1.0, 4.0, 1.0, 4.0, 3.0, 2.0, 3.0]],
    ]
    tubes = [read_segmentations([form], HEIGHT, WIDTH) for form in forms]
    assert tube_ious(tubes, tubes).tolist() == np.ones((3, 3)).tolist()


def test_mean_area_leaves_empty_frames_out():
    tube = read_segmentations([box_mask(0, 0), None, box_mask(0, 0, 4, 4)], HEIGHT, WIDTH)
    assert tube.areas_px == {0: 4, 2: 16}
    assert tube.mean_area_px == 10.0
    assert read_segmentations([None], HEIGHT, WIDTH).mean_area_px == 0.0


def test_more_frames_than_the_compiled_area_takes():
    tube = read_segmentations([box_mask(0, 0)] * 600, HEIGHT, WIDTH)
    assert list(tube.areas_px.values()) == [4] * 600
    assert tube_ious([tube], [tube]).tolist() == [[1.0]]


def test_more_pixels_than_32_bits_hold():
    # 3 frames of 50000 x 50000 pixels: 7.5e9 pixels, 2^32 is 4.3e9.
    side = 50_000
    full = {"size": [side, side], "counts": [0, side * side]}
    left = {"size": [side, side], "counts": [0, side * side // 2, side * side // 2]}
    one = read_segmentations([full, full, full], side, side)
    other = read_segmentations([left, full, None], side, side)
    assert tube_ious([one], [other]).tolist() == [[0.5]]


def test_masks_of_a_table_come_by_frame_in_any_order():
    counts = {number: box_mask(0, number)["counts"].encode() for number in (5, 2)}
    tube = build_tube(counts, HEIGHT, WIDTH)
    assert list(tube.counts) == [2, 5]
    assert tube.mask(5) == {"size": [HEIGHT, WIDTH], "counts": counts[5]}
    assert tube.mask(3) is None
    assert tube.areas_by_frame(7).tolist() == [0, 0, 4, 0, 0, 4, 0]
    with pytest.raises(ValueError, match="frame 2: the runs cover"):
        build_tube(counts, HEIGHT, WIDTH + 1)


def test_masks_of_another_size_share_nothing():
    small = build_tube({0: box_mask(0, 0)["counts"].encode()}, HEIGHT, WIDTH)
    large = read_segmentations([as_rle(np.ones((9, 9), dtype=bool))], 9, 9)
    assert tube_ious([small], [large]).tolist() == [[0.0]]


def test_nothing_to_compare():
    tube = read_segmentations([None], HEIGHT, WIDTH)
    assert tube_ious([], [tube]).shape == (0, 1)
    assert tube_ious([tube], []).shape == (1, 0)
    assert tube_ious([tube], [tube]).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        (
            {"size": [WIDTH, HEIGHT], "counts": "0"},
            r"frame 1: the mask's size is \[8, 6\], the video's \[6, 8\]",
        ),
        (
            {"size": [HEIGHT, WIDTH], "counts": [5, 1]},
            "frame 1: the runs cover 6 pixels, the frame has 6 x 8 = 48",
        ),
        ({"size": [HEIGHT, WIDTH], "counts": "é"}, "frame 1"),
        ({"size": [HEIGHT, WIDTH]}, "frame 1: neither"),
        ([[1.0, 2.0]], "frame 1: a polygon needs"),
        ("3", "frame 1: neither"),
        (7, "frame 1: neither"),
    ],
)
def test_names_the_frame_of_a_wrong_mask(segmentation, message):
    with pytest.raises(ValueError, match=message):
        read_segmentations([None, segmentation], HEIGHT, WIDTH)


@pytest.mark.parametrize("runs", [[5, 1], [5, 3000]], ids=["too few", "too many"])
def test_a_later_mask_that_does_not_fill_its_frame_is_refused(runs):
    """Compared with another mask it would let the compiled code run for ever."""
    whole = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}
    with pytest.raises(ValueError, match=f"frame 1: the runs cover {sum(runs)} pixels"):
        read_segmentations([whole, {"size": [HEIGHT, WIDTH], "counts": runs}], HEIGHT, WIDTH)

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from tests.cases import HEIGHT, WIDTH, box_mask
from uvis_core.io.overlaps import compare_tubes, shared_pixels, tube_ious
from uvis_core.io.rle import encode_masks
from uvis_core.io.tubes import Tube, build_tube, iterate_tubes, read_counts, read_segmentations


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
    shared = shared_pixels(tubes[:2], tubes[2:], range(frames), np.ones((2, 3), dtype=bool))
    for row in range(2):
        assert tubes[row].areas_by_frame(frames).tolist() == pixels[row].sum(axis=(1, 2)).tolist()
        for column in range(3):
            expected = pixel_iou(pixels[row], pixels[2 + column])
            assert ious[row, column] == (expected if expected >= floor else 0.0)
            both = pixels[row] & pixels[2 + column]
            assert shared[:, row, column].tolist() == both.sum(axis=(1, 2)).tolist()


def coco_shared(track: Tube, truth: Tube, frame: int) -> int:
    masks = [tube.mask(frame) for tube in (track, truth)]
    return int(coco.area(coco.merge(masks, intersect=True))) if None not in masks else 0


def some_tube(generator: np.random.Generator, frames: int, height: int, width: int) -> Tube:
    """Blocks of random places and sizes, thinned out, missing in some frames."""
    masks = np.zeros((frames, height, width), dtype=bool)
    for mask in masks:
        top, left = generator.integers(height), generator.integers(width)
        mask[
            top : top + generator.integers(1, height + 1), left : left + generator.integers(1, width + 1)
        ] = True
    masks &= generator.random(masks.shape) < generator.choice([0.3, 0.9, 1.0])
    shown = [as_rle(mask) if generator.random() < 0.8 else None for mask in masks]
    (tube,) = iterate_tubes(
        [read_counts(shown, height, width)], [(height, width)], keep_runs=bool(generator.integers(2))
    )
    return tube


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 30),
    tracks=st.integers(0, 5),
    truths=st.integers(0, 4),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    floor=st.sampled_from([0.0, 0.1, 0.5]),
)
def test_equals_the_compiled_code(seed, frames, tracks, truths, size, floor):
    generator = np.random.default_rng(seed)
    tubes = [some_tube(generator, frames, *size) for _ in range(tracks + truths)]
    own, other = tubes[:tracks], tubes[tracks:]
    compared = generator.random((tracks, truths)) < 0.8
    by_frame = compared & (generator.random(compared.shape) < 0.5)
    frame_ious, ious = compare_tubes(own, other, frames, compared, by_frame, floor)
    assert frame_ious.shape == (frames, tracks, truths)
    for row, column in np.ndindex(tracks, truths):
        pair = own[row], other[column]
        shared = np.array([coco_shared(*pair, frame) for frame in range(frames)], dtype=np.int64)
        both = sum(tube.areas_by_frame(frames) for tube in pair)
        one_by_one = np.divide(shared, both - shared, out=np.zeros(frames), where=both > 0)
        assert frame_ious[:, row, column].tolist() == (one_by_one * by_frame[row, column]).tolist()
        whole = shared.sum() / max(1, (both - shared).sum()) * compared[row, column]
        assert ious[row, column] == (whole if whole >= floor else 0.0)


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
    assert (
        shared_pixels(tubes[:1], tubes[:1], range(3, 9), np.ones((1, 1), bool)).ravel().tolist() == [4, 0] * 3
    )


def test_forms_of_one_mask_are_equal():
    forms = [
        box_mask(1, 2),
        {"size": [HEIGHT, WIDTH], "counts": [13, 2, 4, 2, 27]},
        [[2.0, 1.0, 4.0, 1.0, 4.0, 3.0, 2.0, 3.0]],
    ]
    tubes = [read_segmentations([form], HEIGHT, WIDTH) for form in forms]
    assert tube_ious(tubes, tubes).tolist() == np.ones((3, 3)).tolist()


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


def test_masks_of_another_size_share_nothing():
    small = build_tube({0: box_mask(0, 0)["counts"].encode()}, HEIGHT, WIDTH)
    large = read_segmentations([as_rle(np.ones((9, 9), dtype=bool))], 9, 9)
    assert tube_ious([small], [large]).tolist() == [[0.0]]


def test_nothing_to_compare():
    tube = read_segmentations([None], HEIGHT, WIDTH)
    assert tube_ious([], [tube]).shape == (0, 1)
    assert tube_ious([tube], []).shape == (1, 0)
    assert tube_ious([tube], [tube]).tolist() == [[0.0]]

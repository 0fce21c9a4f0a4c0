import pytest

from tests.cases import HEIGHT, WIDTH, box_mask
from uvis_core.io.tubes import WrongTube, build_tube, build_tubes, read_segmentations


def test_mean_area_leaves_empty_frames_out():
    tube = read_segmentations([box_mask(0, 0), None, box_mask(0, 0, 4, 4)], HEIGHT, WIDTH)
    assert tube.areas_px == {0: 4, 2: 16}
    assert tube.mean_area_px == 10.0
    assert read_segmentations([None], HEIGHT, WIDTH).mean_area_px == 0.0


def test_many_tubes_at_once():
    counts = [{0: box_mask(0, 0)["counts"].encode()}, {}, {3: b"342", 1: b"9"}]
    sizes = [(HEIGHT, WIDTH), (HEIGHT, WIDTH), (3, 3)]
    tubes = build_tubes(counts, sizes)
    assert [tube.areas_px for tube in tubes] == [{0: 4}, {}, {1: 0, 3: 4}]
    assert [(tube.height_px, tube.width_px) for tube in tubes] == sizes
    with pytest.raises(WrongTube, match="frame 3: the runs cover 8 pixels") as caught:
        build_tubes([*counts[:2], {3: b"341", 1: b"9"}, {0: b""}], [*sizes, (3, 3)])
    assert caught.value.place == 2


def test_masks_of_a_table_come_by_frame_in_any_order():
    counts = {number: box_mask(0, number)["counts"].encode() for number in (5, 2)}
    tube = build_tube(counts, HEIGHT, WIDTH)
    assert list(tube.counts) == [2, 5]
    assert tube.mask(5) == {"size": [HEIGHT, WIDTH], "counts": counts[5]}
    assert tube.mask(3) is None
    assert tube.areas_by_frame(7).tolist() == [0, 0, 4, 0, 0, 4, 0]
    with pytest.raises(ValueError, match="frame 2: the runs cover"):
        build_tube(counts, HEIGHT, WIDTH + 1)


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

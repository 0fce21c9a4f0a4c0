import pytest

from tests.report.made_up import HEIGHT, LENGTH, NAMES, WIDTH, counts
from uvis_core.report.switches import switch_marks, switch_texts
from uvis_core.report.videos import Switch

VIDEO = {"id": 1, "height": HEIGHT, "width": WIDTH}
SEGMENTATIONS = [{"size": [HEIGHT, WIDTH], "counts": counts(frame, 3)} for frame in range(LENGTH)]
TRUTH = {
    "annotations": [
        {"id": 5, "video_id": 1, "segmentations": [*SEGMENTATIONS[:2], None, SEGMENTATIONS[3]]},
        {"id": 5, "video_id": 2, "segmentations": [None] * LENGTH},
    ]
}


@pytest.mark.parametrize(
    ("frame", "fps", "shown"),
    [(1, 2, [1]), (0, 4, [0, 1]), (0, 8, [0, 1, 3]), (3, 30, [3]), (1, 0.1, [1])],
)
def test_marks_last_half_a_second_where_the_object_is(frame: int, fps: float, shown: list[int]) -> None:
    (mark,) = switch_marks(TRUTH, VIDEO, [Switch(frame, 5, 1)], fps)
    assert list(mark.masks) == shown
    # The mask is that of the object in the very frame.
    assert mark.masks[shown[0]]["counts"] == counts(shown[0], 3).encode()


def test_a_switch_of_an_unknown_object_marks_nothing() -> None:
    assert switch_marks(TRUTH, VIDEO, [Switch(0, 99, 1)], 4)[0].masks == {}
    assert switch_marks({"annotations": None}, VIDEO, [], 4) == []


def test_switches_in_words() -> None:
    switches = [Switch(2, 5, 1), Switch(3, 5, 9)]
    assert switch_texts(switches, {2: 0.349}, NAMES) == ["star at 0.3 s", "9 at frame 3"]


def test_only_the_first_are_listed() -> None:
    texts = switch_texts([Switch(frame, 5, 1) for frame in range(8)], {}, NAMES)
    assert (len(texts), texts[-1]) == (7, "2 more")

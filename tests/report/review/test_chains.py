import numpy as np
import pytest

from tests.report.review.made_labels import kept_labels
from uvis_core.report.review.chains import box_ious, chain_labels


def at(frame, left, class_id=1, **others):
    """A box of ten pixels' width, so far to the right."""
    return {"frame": frame, "box": (left, 0, left + 10, 10), "class_id": class_id, **others}


def test_overlaps_by_hand() -> None:
    some, others = np.array([[0, 0, 10, 10], [0, 0, 0, 5]]), np.array([[5, 0, 15, 10], [0, 0, 10, 10]])
    assert box_ious(some.astype(float), others.astype(float)).tolist() == [[pytest.approx(1 / 3), 1], [0, 0]]


def test_boxes_that_go_on_are_one_chain() -> None:
    # One box moves by two pixels a frame, another one stands far away.
    chains = chain_labels(kept_labels(at(0, 0), at(0, 50), at(1, 2), at(1, 50), at(2, 4)))
    assert len(set(chains.number.tolist())) == 2
    assert chains.number[0] == chains.number[2] == chains.number[4]
    assert chains.length.tolist() == [3, 2, 3, 2, 3]
    assert chains.followed.tolist() == [True, False, True, False, True]


@pytest.mark.parametrize(("frame", "linked"), [(1, True), (2, True), (3, False)])
def test_one_missing_frame_is_bridged(frame: int, linked: bool) -> None:
    chains = chain_labels(kept_labels(at(0, 0), at(frame, 0)))
    assert bool(chains.number[0] == chains.number[1]) is linked


def test_a_bridge_gives_way_to_the_frame_between() -> None:
    # The second object is away in frame 1; its label in frame 2 goes on from frame 0.
    chains = chain_labels(kept_labels(at(0, 0), at(0, 50), at(1, 0), at(2, 0), at(2, 50)))
    assert chains.number[1] == chains.number[4]
    assert chains.number[0] == chains.number[2] == chains.number[3]


def test_videos_are_not_linked() -> None:
    chains = chain_labels(kept_labels(at(0, 0), at(1, 0, video=1)))
    assert chains.length.tolist() == [1, 1]


def test_the_common_class_has_the_highest_scores() -> None:
    labels = kept_labels(
        at(0, 0, 1, class_score=0.5), at(1, 0, 2, class_score=0.9), at(2, 0, 1, class_score=0.3), at(3, 0, 2)
    )
    chains = chain_labels(labels)
    assert chains.common.tolist() == [2] * 4
    assert chains.others_agree.tolist() == [1, 1, 1, 1]
    assert chains.mixed() == (1, 1)


def test_only_chains_that_are_long_enough_count_as_mixed() -> None:
    labels = kept_labels(at(0, 0), at(1, 0, 2), at(0, 50), at(1, 50), at(2, 50))
    order = np.lexsort((labels.frame,))
    sorted_labels = type(labels)(**{name: values[order] for name, values in vars(labels).items()})
    assert chain_labels(sorted_labels).mixed() == (0, 1)


def test_no_labels_have_no_chains() -> None:
    chains = chain_labels(kept_labels())
    assert len(chains.number) == len(chains.common) == 0
    assert chains.mixed() == (0, 0)

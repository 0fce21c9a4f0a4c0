import pytest

from tests.exports.made import NAMES, Shards
from uvis_core.exports.labels import label_content
from uvis_core.io.errors import UserError


def test_a_kept_label_is_an_object_with_its_scores(shards: Shards) -> None:
    content = label_content(shards.labels, shards.masks, shards.frames, NAMES)
    ((video, (first, second)),) = content.videos_with_objects()
    assert (video.name, video.number) == ("b", 2)
    assert (first.object_id, first.class_id, list(first.masks)) == (5, 4, [0])
    assert (second.object_id, list(second.masks)) == (8, [2])
    assert first.score == pytest.approx(0.72)
    assert first.scores == pytest.approx({"objectness": 0.9, "class_score": 0.8, "similarity": 0.9})


def test_shards_in_another_order_are_refused(shards: Shards) -> None:
    with pytest.raises(UserError, match="2 masks of the labels"):
        list(label_content(shards.labels, shards.masks[::-1], shards.frames, NAMES).videos_with_objects())
    with pytest.raises(UserError, match="2 labels tables, 1 masks tables"):
        label_content(shards.labels, shards.masks[:1], shards.frames, NAMES)


def test_classes_outside_the_vocabulary_are_refused(shards: Shards) -> None:
    with pytest.raises(UserError, match=r"classes \[7\]"):
        label_content(shards.labels, shards.masks, shards.frames, {4: "star"})

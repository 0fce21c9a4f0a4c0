import pytest

from tests.cases import annotation, box_mask, truth, video, write
from tests.evaluation.labels.labelled import Label, write_shard
from uvis_core.evaluation.labels.candidates import TrueMasks, read_candidates
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError


def true_masks(tmp_path, annotations, **options):
    return TrueMasks(read_ytvis(write(tmp_path, "truth.json", truth(annotations, **options))))


def collect(tmp_path, labels, annotations, **shard):
    return read_candidates(*write_shard(tmp_path, labels, **shard), true_masks(tmp_path, annotations))


def test_overlap_must_exceed_one_half(tmp_path):
    known = [annotation([box_mask(0, 0, 2, 4), None])]
    half, more = box_mask(0, 0, 2, 2), box_mask(0, 0, 2, 3)
    candidates = collect(tmp_path, [Label(0, 1, half), Label(0, 1, more)], known)
    # 4 of 8 pixels are an IoU of exactly 0.5; 6 of 8 are enough.
    assert candidates.covers == {1: [0]}


def test_class_and_frame_must_agree(tmp_path):
    known = [annotation([box_mask(0, 0), None], class_id=2), annotation([None, box_mask(3, 3)], class_id=1)]
    labels = [
        Label(0, 1, box_mask(0, 0)),
        Label(1, 2, box_mask(0, 0)),
        Label(0, 2, box_mask(0, 0)),
        Label(1, 1, box_mask(3, 3)),
    ]
    candidates = collect(tmp_path, labels, known)
    assert sorted(candidates.covers) == [2, 3]
    assert candidates.covers[2] != candidates.covers[3]
    assert true_masks(tmp_path, known).count() == {1: 1, 2: 1}


def test_every_visible_mask_is_a_truth_of_its_own(tmp_path):
    known = [annotation([box_mask(0, 0), box_mask(0, 0)]), annotation([box_mask(3, 3), None])]
    labels = [Label(1, 1, box_mask(0, 0)), Label(0, 1, box_mask(0, 0)), Label(0, 1, box_mask(3, 3))]
    candidates = collect(tmp_path, labels, known)
    assert true_masks(tmp_path, known).count() == {1: 3}
    assert len({truths for (truths,) in candidates.covers.values()}) == 3


def test_label_may_cover_two_truths_that_overlap(tmp_path):
    known = [annotation([box_mask(0, 0, 2, 4), None]), annotation([box_mask(0, 0, 2, 3), None])]
    candidates = collect(tmp_path, [Label(0, 1, box_mask(0, 0, 2, 4))], known)
    assert len(candidates.covers[0]) == 2


def test_crowd_is_no_truth_and_its_labels_do_not_count(tmp_path):
    known = [annotation([box_mask(0, 0, 4, 8), None], iscrowd=1), annotation([box_mask(0, 0), None])]
    inside, on_both, beside = box_mask(2, 2), box_mask(0, 0), box_mask(4, 4)
    candidates = collect(tmp_path, [Label(0, 1, mask) for mask in (inside, on_both, beside)], known)
    assert candidates.crowded.tolist() == [True, False, False]
    assert list(candidates.covers) == [1]
    assert true_masks(tmp_path, known).count() == {1: 1}


def test_masks_are_counted_once_whether_their_video_has_labels_or_not(tmp_path):
    known = [annotation([box_mask(0, 0), None], video_id=number) for number in (1, 2)]
    masks = true_masks(tmp_path, known, videos=[video(1), video(2)])
    for name in ("one", "other"):
        shard = write_shard(tmp_path, [Label(0, 1, box_mask(0, 0), video="2")], name=name)
        assert list(read_candidates(*shard, masks).covers) == [0]
    assert masks.count() == masks.count() == {1: 2}


def test_shard_without_labels(tmp_path):
    candidates = collect(tmp_path, [], [annotation([box_mask(0, 0), None])])
    assert len(candidates.class_ids) == 0
    assert candidates.covers == {}


@pytest.mark.parametrize(
    ("label", "size", "words"),
    [
        (Label(0, 1, box_mask(0, 0), video="other"), (6, 8), ["'other'", "not among the videos"]),
        (Label(2, 1, box_mask(0, 0)), (6, 8), ["frame 2", "2 frames"]),
        (Label(0, 1, box_mask(0, 0)), (8, 6), ["[8, 6]", "[6, 8]"]),
    ],
)
def test_tables_of_another_split_are_named(tmp_path, label, size, words):
    with pytest.raises(UserError) as error:
        collect(tmp_path, [label], [annotation([box_mask(0, 0), None])], size=size)
    assert all(word in str(error.value) for word in words)


def test_masks_of_another_shard_are_named(tmp_path):
    labels, _ = write_shard(tmp_path, [Label(0, 1, box_mask(0, 0))], name="one")
    _, masks = write_shard(tmp_path, [Label(0, 1, box_mask(0, 0))], name="two", first_id=50)
    with pytest.raises(UserError, match=r"1 masks of the labels .*one-labels.* not among the masks .*two-"):
        read_candidates(labels, masks, true_masks(tmp_path, [annotation([box_mask(0, 0), None])]))

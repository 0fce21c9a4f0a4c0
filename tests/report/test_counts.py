import pyarrow as pa
import pytest

from uvis_core.report.counts import count_confident, count_frames, count_tracks, count_verdicts


def labels(*rows):
    names = ("class_id", "objectness", "class_score", "similarity", "reason")
    table = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pa.table(table | {"kept": [row[4] == "kept" for row in rows]})


TABLES = [
    labels((1, 0.9, 0.9, 0.9, "kept"), (1, 0.5, 0.9, 0.9, "objectness")),
    labels((1, 0.9, 0.9, 0.8, "kept"), (2, 0.9, 0.9, -1.0, "similarity"), (2, 1.0, 0.1, -0.2, "class_score")),
]


def test_verdicts_are_counted_over_tables():
    counts = count_verdicts(TABLES)
    assert (counts.total, counts.kept) == (5, 2)
    assert counts.by_reason() == {"kept": 2, "objectness": 1, "similarity": 1, "class_score": 1}
    assert counts.kept_per_class() == {1: 2}


def test_labels_accepted_by_hand_stayed_and_those_rejected_did_not():
    by_hand = labels((1, 0.2, 0.9, 0.9, "accepted by hand"), (1, 0.9, 0.9, 0.9, "rejected by hand"))
    counts = count_verdicts([*TABLES, by_hand])
    assert (counts.total, counts.kept) == (7, 3)
    assert counts.by_reason()["rejected by hand"] == 1
    assert counts.kept_per_class() == {1: 3}


def test_scores_are_binned_by_verdict():
    counts = count_verdicts(TABLES)
    removed, kept = counts.histograms["objectness"]
    # 100 bins: 0.9 is in bin 90, 0.5 in bin 50, 1.0 in the last one.
    assert (kept.sum(), kept[90]) == (2, 2)
    assert {int(place) for place in removed.nonzero()[0]} == {50, 90, 99}


def test_missing_prototypes_are_no_similarity():
    counts = count_verdicts(TABLES)
    removed, kept = counts.histograms["similarity"]
    assert counts.without_prototype == 1
    assert removed.sum() + kept.sum() == 4
    # A negative cosine counts as zero.
    assert removed[0] == 1


def test_no_tables_count_nothing():
    counts = count_verdicts([])
    assert (counts.total, counts.kept) == (0, 0)


def test_frames_and_tracks_are_counted_over_tables():
    frames = count_frames([pa.table({"video_id": ["a", "a", "b"]}), pa.table({"video_id": ["c"]})])
    assert (frames.videos, frames.frames) == (3, 4)
    tracks = count_tracks(
        [
            pa.table({"video_id": ["a", "a", "a"], "track_id": [0, 0, 1], "class_id": [1, 1, 2]}),
            pa.table({"video_id": ["b"], "track_id": [0], "class_id": [1]}),
        ]
    )
    assert (tracks.tracks, tracks.per_class) == (3, {1: 2, 2: 1})


@pytest.mark.parametrize("count", [count_frames, count_tracks])
def test_empty_tables_count_nothing(count):
    empty = pa.table(
        {
            "video_id": pa.array([], pa.string()),
            "track_id": pa.array([], pa.int32()),
            "class_id": pa.array([], pa.int32()),
        }
    )
    assert not any(vars(count([empty])).values())


def test_what_a_criterion_removed_is_binned_by_class():
    found = count_verdicts(TABLES).missed_by
    places = {
        key: {int(place): int(bins[place]) for place in bins.nonzero()[0]} for key, bins in found.items()
    }
    # Objectness 0.5 of class 1, similarity -1 and class score 0.1 of class 2.
    assert places == {(1, "objectness"): {50: 1}, (2, "similarity"): {0: 1}, (2, "class_score"): {10: 1}}


def test_confident_tracks_of_some_videos():
    table = pa.table(
        {
            "video_id": ["a", "a", "a", "a", "b", "c"],
            "track_id": pa.array([0, 0, 1, 2, 0, 0], pa.int32()),
            "score": pa.array([0.9, 0.9, 0.1, 0.3, 0.9, 0.2], pa.float32()),
        }
    )
    assert count_confident([table], ["a", "c"], 0.25) == {"a": 2}
    assert count_confident([table], [], 0.25) == {}

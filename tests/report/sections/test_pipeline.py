from uvis_core.report.counts import FrameCounts, TrackCounts, VerdictCounts
from uvis_core.report.sections.pipeline import (
    REASON_COLOURS,
    ClassRow,
    class_rows,
    reasons_present,
    removals,
    stations,
    verdicts,
)


def counted(**reasons):
    counts = VerdictCounts()
    counts.verdicts.update({(1, reason): number for reason, number in reasons.items()})
    return counts


def test_stations_lead_from_frames_to_tracks():
    labels = counted(kept=3, objectness=1)
    found = stations(FrameCounts(2, 4), 6, labels, TrackCounts(9, {}), FrameCounts(1, 5))
    assert [station.number for station in found] == [4, 6, 3, 9]
    assert found[1].detail.startswith("1.5 per frame")
    assert found[2].detail == "50.0 % of the masks"
    assert found[3].detail == "in 1 tracked video, 5 frames"


def test_a_run_without_masks_has_stations_too():
    found = stations(FrameCounts(0, 0), 0, counted(), TrackCounts(0, {}), FrameCounts(0, 0))
    assert [station.number for station in found] == [0, 0, 0, 0]


def test_verdicts_add_up_to_the_masks():
    found = verdicts(8, counted(kept=3, objectness=1, similarity=2))
    assert [(verdict.name, verdict.number) for verdict in found] == [
        ("kept as pseudo-labels", 3),
        ("removed: objectness", 1),
        ("removed: class score", 0),
        ("removed: similarity", 2),
        ("without a crop", 2),
    ]
    assert sum(verdict.share for verdict in found) == 100


def test_many_reasons_share_the_last_colour():
    found = removals([f"reason {number}" for number in range(7)])
    assert [removal.colour for removal in found] == [*REASON_COLOURS, REASON_COLOURS[-1], REASON_COLOURS[-1]]


def test_rows_follow_the_vocabulary_and_name_what_is_not_in_it():
    counts = VerdictCounts()
    counts.verdicts.update({(1, "kept"): 3, (1, "area"): 2, (7, "strange"): 1})
    reasons = reasons_present(counts)
    assert reasons[-1] == "strange"
    assert class_rows(counts, {2: "ring", 1: "star"}, reasons) == [
        ClassRow(2, "ring", 0, (0, 0, 0, 0, 0), 0),
        ClassRow(1, "star", 5, (0, 0, 0, 2, 0), 3),
        ClassRow(7, "class 7", 1, (0, 0, 0, 0, 1), 0),
    ]


def test_the_scores_are_always_among_the_reasons():
    assert reasons_present(VerdictCounts()) == ["objectness", "class_score", "similarity"]

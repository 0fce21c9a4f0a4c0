from typing import Any

import numpy as np
import pytest

from tests.report.review.made_labels import kept_labels
from uvis_core.report.counts import BINS, VerdictCounts
from uvis_core.report.overrides import LabelsVariant
from uvis_core.report.reference import REFERENCE_BINS, reference_shares
from uvis_core.report.review.chains import chain_labels
from uvis_core.report.review.sample import Sample
from uvis_core.report.sections.checks import (
    against_reference,
    changing_classes,
    classes_without_labels,
    facts,
    frames_without_label,
    let_in,
    loosened,
    one_class_has_all,
)

NAMES = {1: "dog", 2: "horse", 3: "person"}
VARIANT = LabelsVariant("full", 0.1)


def counted(verdicts: dict[tuple[int, str], int], **missed: float) -> VerdictCounts:
    """Verdicts, and one score for all masks of a class that a criterion removed (``dog=0.4``)."""
    counts = VerdictCounts()
    counts.verdicts.update(verdicts)
    for (class_id, reason), number in verdicts.items():
        if reason != "kept" and class_id in NAMES:
            histogram = np.zeros(BINS, dtype=np.int64)
            histogram[round(100 * missed.get(NAMES[class_id], 0.3))] = number
            counts.missed_by[class_id, reason] = histogram
    return counts


def sampled(frames: list[int], *rows: dict[str, Any]) -> Sample:
    return Sample([f"v{number}" for number in range(len(frames))], np.array(frames), kept_labels(*rows))


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_a_run_that_found_one_of_three_classes_is_told_so() -> None:
    # Person has all labels, dog fell by its class score, horse was never seen.
    counts = counted({(3, "kept"): 52, (1, "class_score"): 30, (1, "objectness"): 4}, dog=0.44)
    check = classes_without_labels(counts, NAMES, VARIANT)
    assert check is not None
    assert not check.ok
    assert check.text == (
        "2 of 3 classes have no label: dog (34 masks, 30 removed by class score), horse (no mask was taken for it)."
    )
    assert "a threshold of 0.44 on class score" in check.advice
    assert check.line == "--config 'labels={variants: {full: {classes: {dog: {class_score: 0.44}}}}}'"
    most = one_class_has_all(counts, NAMES)
    assert most is not None
    assert most.text == "person has the most labels: 100 % (52 of 52)."
    assert "cars beside persons" in most.advice


def test_classes_that_nothing_was_taken_for_need_other_words() -> None:
    check = classes_without_labels(counted({(3, "kept"): 1, (1, "kept"): 1}), NAMES, VARIANT)
    assert check is not None
    assert check.text == "1 of 3 classes has no label: horse (no mask was taken for it)."
    assert "other words" in check.advice
    assert check.line == ""


def test_many_classes_are_not_all_named() -> None:
    names = {number: f"class {number}" for number in range(1, 21)}
    check = classes_without_labels(counted({(1, "kept"): 1}), names, None)
    assert check is not None
    assert check.text.startswith("19 of 20 classes have no label: class 2 (")
    assert check.text.endswith(" and 14 more.")


def test_labels_of_every_class_are_fine() -> None:
    counts = counted({(1, "kept"): 5, (2, "kept"): 2, (3, "kept"): 4})
    check, most = classes_without_labels(counts, NAMES, VARIANT), one_class_has_all(counts, NAMES)
    assert check is not None
    assert most is not None
    assert (check.ok, check.advice, most.ok) == (True, "", True)
    assert check.text == "Each of the 3 classes has labels; the fewest, 2, has horse."


def test_a_single_class_is_no_matter_of_classes() -> None:
    counts = counted({(1, "kept"): 5})
    assert classes_without_labels(counts, {1: "object"}, VARIANT) is None
    assert one_class_has_all(counts, {1: "object"}) is None


@pytest.mark.parametrize(
    ("filled", "threshold"), [({40: 8, 50: 2}, 0.5), ({40: 10, 50: 1}, 0.4), ({10: 1}, 0.1), ({0: 3}, 0.0)]
)
def test_a_threshold_lets_in_the_upper_fifth(filled: dict[int, int], threshold: float) -> None:
    missed = np.zeros(BINS, dtype=np.int64)
    for place, number in filled.items():
        missed[place] = number
    assert let_in(missed) == threshold


def test_objectness_is_not_lowered_below_what_is_stored() -> None:
    advice, line = loosened(counted({(1, "objectness"): 5}, dog=0.05), VARIANT)
    assert "threshold of 0.1 " in advice
    assert line == "--config 'labels={variants: {full: {objectness: 0.1}}}'"
    assert loosened(counted({(1, "kept"): 5}), VARIANT) == ("", "")


def test_frames_without_a_label_are_counted() -> None:
    counts = counted({(1, "kept"): 3, (2, "similarity"): 9})
    rows = [{"video": 0, "frame": 0}, {"video": 0, "frame": 0}, {"video": 0, "frame": 3}]
    check = frames_without_label(counts, sampled([4, 4], *rows), VARIANT)
    assert check is not None
    assert plain(check.text) == (
        "75 % of the frames (6 of 8) have no label, and 1 of 2 videos has none at all; in the embedded example 10 % of "
        "the frames."
    )
    assert not check.ok
    assert "similarity: 0.3" in check.line
    fine = frames_without_label(counts, sampled([2, 1], *rows[:2], {"video": 1}), VARIANT)
    assert fine is not None
    assert (fine.ok, fine.line) == (True, "")


def test_objects_that_change_their_class_are_counted() -> None:
    rows = [
        {"video": video, "frame": frame, "class_id": 1 + frame % 2} for video in (0, 1) for frame in range(4)
    ]
    steady = [{"video": 2, "frame": frame} for frame in range(4)]
    sample = sampled([4, 4, 4], *rows, *steady)
    check = changing_classes(sample, chain_labels(sample.labels))
    assert check is not None
    assert "(2 of 3) change their class" in check.text
    assert not check.ok
    alone = sampled([4], *steady)
    assert changing_classes(alone, chain_labels(alone.labels)) is None


def like_reference(score: str) -> np.ndarray:
    return np.repeat(np.round(1000 * reference_shares(score)), BINS // REFERENCE_BINS).astype(np.int64)


def test_scores_are_laid_beside_those_of_the_example() -> None:
    counts = counted({(1, "kept"): 5})
    counts.histograms["class_score"][1] = like_reference("class_score")
    same = against_reference(counts, "class_score")
    assert same is not None
    assert same.ok
    assert same.text.startswith("Class score: 100 % of the histogram")
    counts.histograms["class_score"][:] = 0
    counts.histograms["class_score"][0, [1, 2]] = 5
    low = against_reference(counts, "class_score")
    assert low is not None
    assert not low.ok
    assert "the words do not fit" in low.advice


def test_a_score_of_one_value_is_not_compared() -> None:
    counts = counted({(1, "kept"): 5})
    counts.histograms["class_score"][1, 99] = 5
    assert against_reference(counts, "class_score") is None


def test_what_is_to_be_looked_at_comes_first() -> None:
    counts = counted({(3, "kept"): 3})
    rows = [{"frame": frame, "class_id": 3} for frame in range(3)]
    sample = sampled([3], *rows)
    found = facts(counts, sample, chain_labels(sample.labels), NAMES, VARIANT)
    assert [check.ok for check in found["checks"]] == [False, False, True]
    assert found["checks_failed"] == 2


def test_nothing_kept_is_the_one_thing_to_say() -> None:
    counts = counted({(1, "similarity"): 8}, dog=0.6)
    sample = sampled([3])
    (check,) = facts(counts, sample, chain_labels(sample.labels), NAMES, VARIANT)["checks"]
    assert check.text == "No label was kept of 8 masks."
    assert check.line == "--config 'labels={variants: {full: {similarity: 0.6}}}'"

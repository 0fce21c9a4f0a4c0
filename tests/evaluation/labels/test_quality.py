import json

import pytest

from tests.cases import annotation, box_mask, truth, video, write
from tests.evaluation.labels.labelled import SETTINGS, Label, write_shard
from uvis_core.config.labels import ClassThresholds
from uvis_core.evaluation.labels.quality import evaluate_labels, quality_table
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.truth.write import write_truth

CLASSES = [{"id": 1, "name": "star"}, {"id": 2, "name": "ring"}]
STAR, RING = box_mask(0, 0, 2, 4), box_mask(4, 0)
LABELS = [
    Label(0, 1, STAR, similarity=0.9),
    Label(0, 1, box_mask(0, 0, 2, 3), similarity=0.8),
    Label(1, 1, box_mask(0, 0, 2, 2), similarity=0.7),
    Label(0, 1, RING, similarity=0.6),
    Label(1, 1, STAR, similarity=0.2, kept=False),
]


VOCABULARY = Vocabulary.model_validate({"classes": CLASSES})


def of_star(**thresholds):
    """The settings, with thresholds of one class."""
    return SETTINGS.model_copy(update={"classes": {"star": ClassThresholds(**thresholds)}})


def known(tmp_path, names=("star", "ring")):
    content = truth([annotation([STAR, STAR]), annotation([RING, None], class_id=2, id=2)], videos=[video()])
    content["categories"] = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    return write(tmp_path, "truth.json", content)


def evaluate(tmp_path, labels, words=None, **shard):
    labels_path, masks_path = write_shard(tmp_path, labels, **shard)
    return evaluate_labels([labels_path], [masks_path], known(tmp_path), words or VOCABULARY)


def test_figures_by_hand(tmp_path):
    figures = evaluate(tmp_path, LABELS)
    # Stars: of four labels the first is right, the second is its double, the third covers one half, the fourth is a
    # ring; two truths. Rings: no label, one truth.
    star, ring = figures["per_class"]
    assert (star["labels"], star["right"], star["truths"]) == (4, 1, 2)
    assert (star["precision"], star["recall"], star["F1"]) == pytest.approx((1 / 4, 1 / 2, 1 / 3))
    assert (ring["precision"], ring["recall"], ring["F1"]) == (-1.0, 0.0, 0.0)
    assert (figures["mF1"], figures["precision"], figures["recall"]) == pytest.approx((1 / 6, 1 / 4, 1 / 3))
    assert (figures["labels"], figures["right"], figures["truths"]) == (4, 1, 3)
    assert figures["warnings"] == []
    json.dumps(figures, allow_nan=False)


def at(sweep, threshold):
    place = sweep["thresholds"].index(threshold)
    return {name: sweep[name][place] for name in ("mF1", "precision", "recall", "labels")}


def test_sweep_by_hand(tmp_path):
    sweep = evaluate(tmp_path, LABELS)["sweeps"]["similarity"]
    assert sweep["configured"] == 0.5
    assert len(sweep["thresholds"]) == 101
    # At 0.2 the label of the second frame comes back; at 0.85 only the first is left; then none.
    expected = {0.2: (2 * 2 / 7 / 2, 2 / 5, 2 / 3, 5), 0.85: (2 / 3 / 2, 1.0, 1 / 3, 1), 0.95: (0, -1, 0, 0)}
    for threshold, values in expected.items():
        assert tuple(at(sweep, threshold).values()) == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("score", ["objectness", "class_score", "similarity"])
def test_sweep_at_the_configured_value_gives_the_figures(tmp_path, score):
    figures = evaluate(tmp_path, LABELS)
    expected = {name: figures[name] for name in ("mF1", "precision", "recall", "labels")}
    assert at(figures["sweeps"][score], 0.5) == pytest.approx(expected, abs=1e-6)


def test_criterion_that_is_off_is_swept_too(tmp_path):
    settings = SETTINGS.model_copy(update={"similarity": None})
    labels = [label._replace(kept=True) for label in LABELS]
    figures = evaluate(tmp_path, labels, settings=settings)
    assert figures["labels"] == 5
    assert figures["sweeps"]["similarity"]["configured"] is None
    assert at(figures["sweeps"]["similarity"], 0.5)["labels"] == 4


def test_class_keeps_its_own_threshold_in_a_sweep(tmp_path):
    labels = [label._replace(kept=label.similarity >= 0.75) for label in LABELS]
    labels.append(Label(0, 2, RING, similarity=0.6))
    figures = evaluate(tmp_path, labels, settings=of_star(similarity=0.75))
    sweep = figures["sweeps"]["similarity"]
    assert [at(sweep, threshold)["labels"] for threshold in (0.0, 0.6, 0.7, 1.0)] == [3, 3, 2, 2]


def test_small_masks_stay_out(tmp_path):
    # The masks table says 4 of 48 pixels for every mask.
    settings = SETTINGS.model_copy(update={"min_area_share": 0.5})
    figures = evaluate(tmp_path, [label._replace(kept=False) for label in LABELS], settings=settings)
    assert max(figures["sweeps"]["objectness"]["labels"]) == 0


def test_classes_of_the_truth_outside_the_vocabulary_are_named(tmp_path):
    words = Vocabulary.model_validate({"classes": CLASSES[:1]})
    figures = evaluate(tmp_path, LABELS, words)
    assert figures["truths"] == 2
    assert "1 true masks of ['ring'] are left out" in figures["warnings"][0]


def test_other_names_for_the_same_ids_are_named(tmp_path):
    paths = [[path] for path in write_shard(tmp_path, LABELS)]
    figures = evaluate_labels(*paths, known(tmp_path, ("star", "disc")), VOCABULARY)
    assert "2 is 'ring' there and 'disc' here" in figures["warnings"][0]


def test_another_vocabulary_is_refused(tmp_path):
    words = Vocabulary.model_validate({"classes": CLASSES[1:]})
    with pytest.raises(UserError, match=r"classes \[1\]"):
        evaluate(tmp_path, LABELS, words)


def test_verdicts_that_do_not_follow_from_the_thresholds_are_refused(tmp_path):
    with pytest.raises(UserError, match="verdicts do not follow"):
        evaluate(tmp_path, LABELS, settings=of_star(similarity=0.95))


def test_what_a_hand_decided_stays_at_every_threshold(tmp_path):
    labels = [
        Label(0, 1, STAR, similarity=0.1, reason="accepted by hand"),
        Label(1, 1, STAR, similarity=0.95, kept=False, reason="rejected by hand"),
        Label(0, 2, RING, similarity=0.6),
    ]
    figures = evaluate(tmp_path, labels)
    assert (figures["labels"], figures["right"]) == (2, 2)
    sweep = figures["sweeps"]["similarity"]
    assert [at(sweep, threshold)["labels"] for threshold in (0.0, 0.5, 0.7, 1.0)] == [2, 2, 1, 1]


def test_shards_add_up(tmp_path):
    first, second = LABELS[:2], LABELS[2:]
    one = write_shard(tmp_path, first, name="one")
    two = write_shard(tmp_path, second, name="two", first_id=50)
    none = write_shard(tmp_path, [], name="none")
    labels, masks = zip(one, none, two, strict=True)
    assert evaluate_labels(labels, masks, known(tmp_path), VOCABULARY) == evaluate(tmp_path, LABELS)
    with pytest.raises(UserError, match="3 labels tables, 2 masks tables"):
        evaluate_labels(labels, masks[:2], known(tmp_path), VOCABULARY)


def test_a_table_of_truth_gives_the_same(tmp_path):
    paths = [[path] for path in write_shard(tmp_path, LABELS)]
    table = tmp_path / "truth.parquet"
    write_truth(table, read_ytvis(known(tmp_path)))
    assert evaluate_labels(*paths, table, VOCABULARY) == evaluate(tmp_path, LABELS)


def test_tables_of_two_variants_are_refused(tmp_path):
    one = write_shard(tmp_path, LABELS, name="one")
    two = write_shard(tmp_path, [], settings=SETTINGS.model_copy(update={"similarity": 0.6}), name="two")
    labels, masks = zip(one, two, strict=True)
    with pytest.raises(UserError, match="different thresholds"):
        evaluate_labels(labels, masks, known(tmp_path), VOCABULARY)


def test_table_shows_dashes_for_shares_of_nothing(tmp_path):
    lines = quality_table(evaluate(tmp_path, LABELS)).splitlines()
    assert lines[2].split() == ["star", "33.3", "25.0", "50.0", "4"]
    assert lines[3].split() == ["ring", "0.0", "-", "0.0", "0"]
    assert lines[4].split()[-4:] == ["16.7", "25.0", "33.3", "4"]

import json
from pathlib import Path

import pytest

from tests.explorer.made import CODED, select, vocabulary, write_run
from uvis_core.config.labels import LabelsSettings
from uvis_core.evaluation.labels.quality import evaluate_labels
from uvis_core.explorer.run import RunFolder
from uvis_core.explorer.truth import TruthOfLabels
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.tables import write_table

OWN = LabelsSettings.model_validate(
    {"objectness": 0.1, "class_score": 0.2, "similarity": 0.3, "classes": {"star": {"similarity": 0.65}}}
)


@pytest.fixture(scope="module")
def truth(run: RunFolder) -> TruthOfLabels:
    return TruthOfLabels(run.splits["train"], vocabulary())


@pytest.mark.parametrize("settings", [CODED, OWN])
def test_figures_are_those_of_the_evaluation(
    tmp_path: Path, run: RunFolder, truth: TruthOfLabels, settings: LabelsSettings
) -> None:
    paths = []
    for number, columns in enumerate(select(run, settings)):
        paths.append(tmp_path / f"{number}.parquet")
        about = {"settings": json.dumps(settings.model_dump(mode="json"))}
        write_table(paths[-1], LABELS, columns, about)
    split = run.splits["train"]
    assert split.truth is not None
    figures = evaluate_labels(paths, split.tables["masks"], split.truth, vocabulary())
    for score in ("objectness", "class_score", "similarity"):
        found, expected = truth.sweep(settings, score, None), figures["sweeps"][score]
        assert found.f1 == pytest.approx(expected["mF1"], abs=1e-6)
        assert found.precision == pytest.approx(expected["precision"], abs=1e-6)
        assert found.recall == pytest.approx(expected["recall"], abs=1e-6)
        assert found.now == pytest.approx((figures["mF1"], figures["precision"], figures["recall"]))
        assert found.best == expected["thresholds"][expected["mF1"].index(max(expected["mF1"]))]
    for row in figures["per_class"]:
        found = truth.sweep(settings, "similarity", row["class_id"])
        assert found.now == pytest.approx((row["F1"], row["precision"], row["recall"]))


def test_a_criterion_that_is_off_has_no_figures_now(truth: TruthOfLabels) -> None:
    off = CODED.model_copy(update={"similarity": None})
    found = truth.sweep(off, "similarity", None)
    assert found.now is None
    assert found.best is not None


def test_without_truth_it_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path, ["frames", "masks", "crops", "prototypes", "labels"])
    with pytest.raises(UserError, match="has no truth"):
        TruthOfLabels(run.splits["train"], vocabulary())

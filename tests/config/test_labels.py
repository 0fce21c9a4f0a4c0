from typing import Any

import pytest

from uvis_core.config.base import validated
from uvis_core.config.faults import Misfit
from uvis_core.config.labels import ClassThresholds, LabelsSettings, check_floor
from uvis_core.io.errors import UserError

FLOOR = 0.2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"objectness": 0.1}, "labels.variants.x.objectness: 0.1 has no effect"),
        ({"objectness": 0}, "labels.variants.x.objectness: 0.0 has no effect"),
        (
            {"classes": {"dog": {"objectness": 0.1}}},
            "labels.variants.x.classes.dog.objectness: 0.1 has no effect",
        ),
    ],
)
def test_objectness_below_what_is_stored_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(Misfit, match=words) as caught:
        check_floor("labels.variants.x", LabelsSettings(**values), FLOOR)
    assert "0.2 or more" in caught.value.fix


@pytest.mark.parametrize(
    "values",
    [
        {"objectness": 0.2},
        {"objectness": None, "classes": {"dog": {"objectness": 0.1}}},
        {"class_score": 0.0, "similarity": -1.0, "classes": {"dog": {"similarity": 0.1}}},
    ],
)
def test_other_low_thresholds_pass(values: dict[str, Any]) -> None:
    check_floor("labels.variants.x", LabelsSettings(**values), FLOOR)


def test_classes_have_thresholds_of_their_own() -> None:
    settings = validated(LabelsSettings, {"classes": {"dog": {"similarity": "0.6"}}}, "config.yaml")
    assert settings.classes == {"dog": ClassThresholds(similarity=0.6)}
    assert settings.classes["dog"].model_dump(exclude_none=True) == {"similarity": 0.6}


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ({"dog": {"similarity": 7}}, ["classes.dog.similarity", "less than or equal to 1"]),
        ({"dog": {"objectness": -0.5}}, ["classes.dog.objectness", "greater than or equal to 0"]),
        (
            {"dog": {"tau": 0.5}},
            ["classes.dog.tau: there is no such key", "class_score, objectness, similarity"],
        ),
        ({"dog": 0.5}, ["classes.dog"]),
    ],
)
def test_wrong_thresholds_of_a_class_are_named(classes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        validated(LabelsSettings, {"classes": classes}, "config.yaml")
    for word in words:
        assert word in str(caught.value)

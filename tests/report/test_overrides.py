import shlex

import pytest
import yaml

from tests.report.made_up import CONFIGURATION
from uvis_core.report.overrides import LabelsVariant, labels_variant

VARIANT = LabelsVariant("full", 0.1)


def test_the_line_is_what_the_command_takes() -> None:
    assert VARIANT.line({"similarity": 0.55}) == "--config 'labels={variants: {full: {similarity: 0.55}}}'"


@pytest.mark.parametrize("name", ["dog", "rock 'n' roll", "a: {b}", "ключ", "x" * 3000])
def test_names_of_classes_arrive_as_they_are(name: str) -> None:
    flag, value = shlex.split(VARIANT.class_line(name, {"class_score": 0.4}))
    key, _, text = value.partition("=")
    assert (flag, key) == ("--config", "labels")
    assert yaml.safe_load(text) == {"variants": {"full": {"classes": {name: {"class_score": 0.4}}}}}


def test_the_main_experiment_names_the_variant() -> None:
    assert labels_variant(CONFIGURATION) == VARIANT


@pytest.mark.parametrize("configuration", [{}, {"run": []}, {"run": ["a"], "experiments": {}}, {"run": None}])
def test_other_configurations_name_none(configuration: dict[str, object]) -> None:
    assert labels_variant(configuration) is None

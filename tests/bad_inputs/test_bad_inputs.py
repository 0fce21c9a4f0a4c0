from pathlib import Path

import pytest

from tests.bad_inputs.case import BadInput
from tests.bad_inputs.cases import AREAS
from tests.bad_inputs.page import PAGE, page_text

CASES = [pytest.param(case, id=f"{area}: {case.what}") for area, cases in AREAS.items() for case in cases]


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_told_in_words(case: BadInput, tmp_path: Path) -> None:
    said = case.meet(tmp_path)
    missing = [words for words in case.says if words not in said]
    assert not missing, f"missing {missing} in: {said}"


def test_the_page_lists_them_all() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(), "run: python -m tests.bad_inputs"


def test_no_input_stands_twice() -> None:
    for area, cases in AREAS.items():
        names = [case.what for case in cases]
        assert len(names) == len(set(names)), area

import re

import pytest

from uvis_core.io.annotations.occlusion import track_occlusion
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION

NO, SLIGHT, SEVERE = "no_occlusion", "slight_occlusion", "severe_occlusion"


@pytest.mark.parametrize(
    ("levels", "score"),
    [
        ([NO, NO], 0.0),
        ([NO, SEVERE, SLIGHT, NO], 0.5),  # upper half: 0.75, 0.25
        ([SEVERE, NO, SLIGHT], 0.5),  # half of three is rounded up to two
        ([None, SEVERE, None], 0.75),
        ([SLIGHT], 0.25),
    ],
)
def test_mean_of_the_upper_half(levels, score):
    assert track_occlusion(levels) == score


def test_no_level_at_all():
    assert track_occlusion([None, None]) == UNKNOWN_OCCLUSION


@pytest.mark.parametrize("level", ["heavy", {}, [NO]])
def test_unknown_level(level):
    with pytest.raises(ValueError, match=re.escape(f"frame 1 is {level!r}")):
        track_occlusion([None, level])

import pytest

from uvis_core.pages.formats import (
    format_count,
    format_duration,
    format_figure,
    format_memory,
    format_number,
    shortened,
)

THIN = "\u202f"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (4.24, "4.2 s"),
        (59.96, "60.0 s"),
        (185, "3 min 05 s"),
        (7620, "2 h 07 min"),
        (3599.7, "1 h 00 min"),
    ],
)
def test_durations(seconds, text):
    assert format_duration(seconds).replace(THIN, " ") == text


@pytest.mark.parametrize(("megabytes", "text"), [(None, "–"), (812.4, "812 MB"), (2048, "2.0 GB")])
def test_memory(megabytes, text):
    assert format_memory(megabytes).replace(THIN, " ") == text


@pytest.mark.parametrize(("number", "text"), [(None, "–"), (0, "0"), (1234567, "1 234 567")])
def test_numbers(number, text):
    assert format_number(number).replace(THIN, " ") == text


def test_counts():
    assert [format_count(number, "video") for number in (0, 1, 2)] == ["0 videos", "1 video", "2 videos"]
    assert [format_count(number, "switch", "switches") for number in (1, 2)] == ["1 switch", "2 switches"]


@pytest.mark.parametrize(("figure", "text"), [(None, "–"), (0, "0.0"), (43.21, "43.2"), (100, "100.0")])
def test_figures(figure, text):
    assert format_figure(figure) == text


@pytest.mark.parametrize(
    ("text", "short"),
    [("star", "star"), ("x" * 8, "x" * 8), ("x" * 9, "x" * 7 + "…"), ("a white horse", "a white…")],
)
def test_long_texts_are_cut(text, short):
    assert shortened(text, 8) == short

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    histogram,
    line_chart,
    short_number,
    thin,
    ticks,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (1500, "1.5k"),
        (320_000, "320k"),
        (2e6, "2M"),
        (1e-4, "1e-4"),
        (2.5e-5, "2.5e-5"),
    ],
)
def test_ticks_have_short_names(value, text):
    assert short_number(value) == text


def test_ticks_are_round_numbers_at_their_places():
    found = ticks(0, 1, 100, 200, 5)
    assert [(tick.position, tick.label) for tick in found] == [
        (100, "0"), (120, "0.2"), (140, "0.4"), (160, "0.6"), (180, "0.8"), (200, "1"),
    ]  # fmt: skip


def test_long_curves_become_means():
    x, y = thin(np.arange(1000.0), np.ones(1000), 10)
    assert len(x) == 10
    assert x[0] == pytest.approx(49.5)
    assert (y == 1).all()


def test_curves_run_inside_the_canvas():
    chart = line_chart("Loss", "step", {"total": ([0, 50, 100], [10, 5, np.nan])})
    # x 0 and 50 of at most 50; y 10 of 10.5 and 5 of 10.5 over a height of 148.
    inner = HEIGHT - BOTTOM - TOP
    first, second = [tuple(map(float, point.split(","))) for point in chart.lines[0].points.split()]
    assert first == pytest.approx((LEFT, HEIGHT - BOTTOM - inner * 10 / 10.5), abs=0.1)
    assert second == pytest.approx((WIDTH - RIGHT, HEIGHT - BOTTOM - inner * 5 / 10.5), abs=0.1)
    assert chart.lines[0].last == "5"


def test_last_values_can_be_left_out():
    chart = line_chart("P", "recall", {"a": ([0, 1], [1, 0])}, y_max=1, show_last=False)
    assert chart.lines[0].last == ""
    assert chart.y_ticks[-1].label == "1"


def test_nothing_to_draw_gives_no_chart():
    assert line_chart("Loss", "step", {}) is None
    assert line_chart("Loss", "step", {"total": ([1], [np.nan])}) is None


@pytest.mark.parametrize("y", [[0, 0], [5, 5]])
def test_flat_curves_are_drawn(y):
    assert line_chart("Loss", "step", {"total": ([0, 0], y)}).lines[0].points.count(",") == 2


def test_bars_stack_removed_on_kept():
    chart = histogram("Objectness", "objectness", np.array([0, 3]), np.array([0, 1]), 0.5)
    (bar,) = chart.bars
    assert bar.kept_height == pytest.approx(3 * bar.removed_height, abs=0.3)
    assert bar.removed_y + bar.removed_height == pytest.approx(bar.kept_y, abs=0.1)
    assert bar.text == "0.5 to 1: 3 kept, 1 removed"
    assert (chart.threshold.position, chart.threshold.label) == (bar.x, "0.5")


def test_an_empty_histogram_without_threshold():
    chart = histogram("Objectness", "objectness", np.zeros(4, dtype=int), np.zeros(4, dtype=int), None)
    assert chart.bars == ()
    assert chart.threshold is None


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=40))
def test_bars_stay_on_the_canvas(counts):
    kept, removed = np.array(counts).T
    for bar in histogram("t", "x", kept, removed, 0.7).bars:
        assert TOP <= bar.removed_y <= bar.kept_y <= HEIGHT - BOTTOM
        assert LEFT <= bar.x < bar.x + bar.width <= WIDTH - RIGHT

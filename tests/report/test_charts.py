import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from uvis_core.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    first_bin,
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


@pytest.mark.parametrize(
    ("threshold", "position"), [(0.5, (LEFT + WIDTH - RIGHT) / 2), (-1, LEFT), (7, WIDTH - RIGHT)]
)
def test_curves_can_have_a_marked_value(threshold, position):
    chart = line_chart("F1", "threshold", {"a": ([0, 1], [1, 0])}, threshold=threshold)
    assert (chart.threshold.position, chart.threshold.label) == (position, f"{threshold:g}")
    assert line_chart("F1", "threshold", {"a": ([0, 1], [1, 0])}).threshold is None


def test_nothing_to_draw_gives_no_chart():
    assert line_chart("Loss", "step", {}) is None
    assert line_chart("Loss", "step", {"total": ([1], [np.nan])}) is None


@pytest.mark.parametrize("y", [[0, 0], [5, 5]])
def test_flat_curves_are_drawn(y):
    assert line_chart("Loss", "step", {"total": ([0, 0], y)}).lines[0].points.count(",") == 2


def bins(**numbers):
    counts = np.zeros(100, dtype=np.int64)
    for place, number in numbers.items():
        counts[int(place[1:])] = number
    return counts


def test_bars_stack_removed_on_kept():
    chart = histogram("Objectness", "objectness", bins(b71=3), bins(b71=1), 0.7)
    (bar,) = chart.bars
    assert bar.kept_height == pytest.approx(3 * bar.removed_height, abs=0.3)
    assert bar.removed_y + bar.removed_height == pytest.approx(bar.kept_y, abs=0.1)
    assert bar.text == "0.71 to 0.72: 3 kept, 1 removed"
    # The axis begins at 0.7, where the threshold is.
    assert (chart.threshold.position, chart.threshold.label) == (LEFT, "0.7")
    assert [tick.label for tick in chart.x_ticks][:: len(chart.x_ticks) - 1] == ["0.7", "1"]


def test_wide_histograms_join_two_bins():
    (bar,) = histogram("t", "x", bins(b2=1, b3=4), bins(), 0.5).bars
    assert bar.text == "0.02 to 0.04: 5 kept, 0 removed"


def test_an_empty_histogram_without_threshold():
    chart = histogram("Objectness", "objectness", bins(), bins(), None)
    assert chart.bars == ()
    assert chart.threshold is None


@pytest.mark.parametrize(
    ("filled", "threshold", "begin"),
    [(95, None, 80), (95, 0.55, 50), (31, 0.7, 30), (31, -0.5, 0), (0, 0.7, 0)],
)
def test_axes_begin_where_there_is_something(filled, threshold, begin):
    counts = bins()
    counts[filled] = 1
    assert first_bin(counts, threshold) == begin
    assert first_bin(bins(), threshold) == 0


@given(arrays(np.int64, (2, 100), elements=st.integers(0, 10**6)), st.none() | st.floats(-1, 1))
def test_bars_and_marks_stay_on_the_canvas(counts, threshold):
    chart = histogram("t", "x", *counts, threshold)
    for bar in chart.bars:
        assert TOP <= bar.removed_y <= bar.kept_y <= HEIGHT - BOTTOM
        assert LEFT <= bar.x < bar.x + bar.width <= WIDTH - RIGHT
    assert chart.threshold is None or LEFT <= chart.threshold.position <= WIDTH - RIGHT


def test_a_point_of_a_curve_can_be_marked():
    chart = line_chart("F1", "threshold", {"a": ([0, 1], [1, 0])}, y_max=1, best=(0.25, 0.5))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    assert (chart.best.x, chart.best.y) == pytest.approx((LEFT + (WIDTH - RIGHT - LEFT) / 4, middle), abs=0.1)
    assert chart.best.label == "0.25"
    assert line_chart("F1", "threshold", {"a": ([0, 1], [1, 0])}).best is None


def test_another_distribution_is_drawn_at_the_same_scale():
    # All of 40 values lie in the last tenth, four in each of its bins; the other distribution lies there too.
    kept = bins(**{f"b{place}": 4 for place in range(90, 100)})
    chart = histogram(
        "t", "x", kept, bins(), None, reference=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 1])
    )
    points = [tuple(map(float, point.split(","))) for point in chart.reference.split()]
    assert {y for x, y in points if x > LEFT + (WIDTH - RIGHT - LEFT) / 2} >= {chart.bars[0].kept_y}
    assert points[-1] == (WIDTH - RIGHT, chart.bars[-1].kept_y)
    assert points[0] == (LEFT, HEIGHT - BOTTOM)
    assert histogram("t", "x", kept, bins(), None).reference == ""


def test_the_axis_reaches_to_where_the_other_distribution_is():
    reference = np.array([0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0.5])
    assert histogram("t", "x", bins(b95=1), bins(), None, reference=reference).x_ticks[0].label == "0"
    assert histogram("t", "x", bins(b95=1), bins(), None).x_ticks[0].label == "0.8"

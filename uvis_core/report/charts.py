"""Geometry of the page's charts: data in, positions on a fixed canvas out.

The templates draw them as inline SVG; colours, fonts and dark mode are the style sheet's. Positions are
rounded, so that equal data give equal bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

# The canvas is about as wide as a chart is shown, so that text in it keeps its size on every screen.
WIDTH, HEIGHT = 310, 196
LEFT, RIGHT, TOP, BOTTOM = 36, 8, 16, 32
POINTS_DRAWN = 240
MOST_BARS = 50
BAR_GAP = 0.7
# Less than this of another distribution does not widen the axis.
LEAST_SHARE_DRAWN = 0.01


@dataclass(frozen=True)
class Tick:
    """A labelled position on an axis."""

    position: float
    label: str


@dataclass(frozen=True)
class Line:
    """A named curve.

    Attributes:
        name: For the key.
        points: As SVG's polyline takes them.
        style: Number of its colour and dash.
        last: Last value; empty where it says nothing.
    """

    name: str
    points: str
    style: int
    last: str


@dataclass(frozen=True)
class Dot:
    """A marked point of a curve."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class LineChart:
    """Curves over a shared x axis, with a marked value on it and a marked point of a curve (None: none to mark)."""

    title: str
    x_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    threshold: Tick | None
    best: Dot | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class HistogramBin:
    """One bin of a histogram: the kept part at the bottom, the removed one stacked on it."""

    x: float
    width: float
    kept_y: float
    kept_height: float
    removed_y: float
    removed_height: float
    text: str


@dataclass(frozen=True)
class Histogram:
    """Stacked bars with a marked threshold (None: none configured), and another distribution as a line over them."""

    title: str
    x_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bars: tuple[HistogramBin, ...]
    threshold: Tick | None
    note: str
    reference: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def short_number(value: float) -> str:
    """Few characters for a tick: 0.25, 1.5k, 320k, 1e-4."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}"
    if value and abs(value) < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:.3g}"


def scale(values: ArrayLike, low: float, high: float, start: float, end: float) -> np.ndarray:
    """Map ``low`` to ``start`` and ``high`` to ``end``, to a tenth of a pixel."""
    span = high - low or 1.0
    return np.round(start + (np.asarray(values, dtype=float) - low) / span * (end - start), 1)


def ticks(low: float, high: float, start: float, end: float, count: int) -> tuple[Tick, ...]:
    """At most about ``count`` round numbers between ``low`` and ``high`` with their positions."""
    values = np.asarray(MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    inside = values[(values >= low - 1e-12) & (values <= high + 1e-12)]
    return tuple(
        Tick(float(place), short_number(float(value)))
        for value, place in zip(inside, scale(inside, low, high, start, end), strict=True)
    )


def thin(x: np.ndarray, y: np.ndarray, most: int = POINTS_DRAWN) -> tuple[np.ndarray, np.ndarray]:
    """Reduce a curve to at most ``most`` means of neighbouring points, without values that are not finite."""
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= most:
        return x, y
    return _bin_means(x, most), _bin_means(y, most)


def _bin_means(values: np.ndarray, bins: int) -> np.ndarray:
    return np.array([part.mean() for part in np.array_split(values, bins)])


def line_chart(
    title: str,
    x_label: str,
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    y_max: float | None = None,
    show_last: bool = True,
    threshold: float | None = None,
    best: tuple[float, float] | None = None,
) -> LineChart | None:
    """Lay out curves on axes that start at zero.

    Args:
        title: Of the chart.
        x_label: Under the x axis.
        curves: x and y values by name; the order gives the styles.
        y_max: Upper end of the y axis; the largest value if None.
        show_last: Whether the key names the last value of each curve.
        threshold: Marked on the x axis, if given.
        best: x and y of a point that is marked, if given.

    Returns:
        The chart, or None where there is nothing to draw.
    """
    thinned = {
        name: thin(np.asarray(x, dtype=float), np.asarray(y, dtype=float)) for name, (x, y) in curves.items()
    }
    drawn = {name: curve for name, curve in thinned.items() if len(curve[0])}
    if not drawn:
        return None
    x_high = max(float(x.max()) for x, _ in drawn.values()) or 1.0
    y_high = y_max or max(float(y.max()) for _, y in drawn.values()) * 1.05 or 1.0
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    lines = []
    for style, (name, (x, y)) in enumerate(drawn.items()):
        across = scale(x, 0, x_high, LEFT, right)
        up = scale(np.minimum(y, y_high), 0, y_high, bottom, TOP)
        points = " ".join(f"{a:g},{b:g}" for a, b in zip(across, up, strict=True))
        lines.append(Line(name, points, style, short_number(float(y[-1])) if show_last else ""))
    return LineChart(
        title,
        x_label,
        ticks(0, x_high, LEFT, right, 5),
        ticks(0, y_high, bottom, TOP, 4),
        tuple(lines),
        mark(threshold, 0, x_high),
        None if best is None else dot(*best, x_high, y_high),
    )


def dot(x: float, y: float, x_high: float, y_high: float) -> Dot:
    """A point on axes from 0 to ``x_high`` and ``y_high``, named by its x."""
    across, up = scale(x, 0, x_high, LEFT, WIDTH - RIGHT), scale(y, 0, y_high, HEIGHT - BOTTOM, TOP)
    return Dot(float(across), float(up), f"{x:g}")


def mark(threshold: float | None, low: float, high: float) -> Tick | None:
    """Where a threshold stands on an x axis from ``low`` to ``high``, at its end if it lies outside."""
    if threshold is None:
        return None
    place = scale(min(max(low, threshold), high), low, high, LEFT, WIDTH - RIGHT)
    return Tick(float(place), f"{threshold:g}")


def first_bin(numbers: np.ndarray, threshold: float | None) -> int:
    """The bin, of 100, at which a histogram begins: a full tenth, at most 0.8, with all that is to be shown after it.

    Args:
        numbers: int64 of shape (100,).
        threshold: To be shown too, if given.
    """
    filled = np.flatnonzero(numbers)
    if not len(filled):
        return 0
    marked = 1.0 if threshold is None else max(0.0, threshold)
    return 10 * min(int(filled[0]) // 10, int(10 * marked), 8)


def histogram(
    title: str,
    x_label: str,
    kept: np.ndarray,
    removed: np.ndarray,
    threshold: float | None,
    note: str = "",
    reference: np.ndarray | None = None,
) -> Histogram:
    """Lay out a histogram from 0, or from the tenth where it begins, to 1.

    Args:
        title: Of the chart.
        x_label: Under the x axis.
        kept: int64 of shape (100,) for bins over 0 to 1, at the bottom of the bars.
        removed: int64 of shape (100,), stacked on them.
        threshold: Marked, if given.
        note: What the chart does not show.
        reference: Shares of another distribution in bins over 0 to 1, float64; drawn as high as if it had as many
            values as this one.
    """
    shares = np.zeros(1) if reference is None else reference
    expected = shares * (kept + removed).sum()
    shown = np.repeat(shares >= LEAST_SHARE_DRAWN, len(kept) // len(shares))
    begin = first_bin(kept + removed + shown, threshold)
    kept, removed = kept[begin:], removed[begin:]
    if len(kept) > MOST_BARS:
        kept, removed = (numbers.reshape(-1, 2).sum(axis=1) for numbers in (kept, removed))
    low = begin / 100
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    # What the bins of the other distribution would hold, were they as wide as these.
    expected = expected * len(expected) * (1 - low) / len(kept)
    high = max(float((kept + removed).max(initial=0)), float(expected.max(initial=0))) * 1.05 or 1.0
    edges = np.linspace(low, 1, len(kept) + 1)
    x = scale(edges, low, 1, LEFT, right)
    kept_y = scale(kept, 0, high, bottom, TOP)
    top_y = scale(kept + removed, 0, high, bottom, TOP)
    bars = tuple(
        HistogramBin(
            x=float(x[i]),
            width=round(float(x[i + 1] - x[i]) - BAR_GAP, 1),
            kept_y=float(kept_y[i]),
            kept_height=round(bottom - float(kept_y[i]), 1),
            removed_y=float(top_y[i]),
            removed_height=round(float(kept_y[i] - top_y[i]), 1),
            text=f"{edges[i]:.2f} to {edges[i + 1]:.2f}: {kept[i]} kept, {removed[i]} removed",
        )
        for i in range(len(kept))
        if kept[i] + removed[i]
    )
    return Histogram(
        title,
        x_label,
        ticks(low, 1, LEFT, right, 5),
        ticks(0, high, bottom, TOP, 4),
        bars,
        mark(threshold, low, 1),
        note,
        "" if reference is None else steps(expected, low, high),
    )


def steps(levels: np.ndarray, low: float, high: float) -> str:
    """Levels of bins over 0 to 1 as a line with a step at each edge, from ``low`` on, up to ``high``."""
    edges = np.linspace(0, 1, len(levels) + 1)
    inside = edges[:-1] >= low - 1e-9
    across = scale(np.stack([edges[:-1][inside], edges[1:][inside]], axis=1), low, 1, LEFT, WIDTH - RIGHT)
    up = scale(levels[inside], 0, high, HEIGHT - BOTTOM, TOP)
    return " ".join(f"{x:g},{y:g}" for ends, y in zip(across, up, strict=True) for x in ends)

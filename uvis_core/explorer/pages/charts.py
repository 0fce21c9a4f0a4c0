"""Charts, as the figures that the browser's plotting library takes. Texts from files are escaped: it reads markup."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from uvis_core.drawing.pictures import PALETTE
from uvis_core.explorer.distributions import BINS
from uvis_core.explorer.embedding import EmbeddingMap
from uvis_core.explorer.truth import Sweep

BLUE, GREY, ORANGE, GREEN, PURPLE, INK = "#0067a8", "#c9ccd1", "#c75000", "#007a5a", "#a8538a", "#5a6069"
FONT = {"family": "system-ui, sans-serif", "size": 12, "color": "#1a1d21"}
CONFIG = {"displayModeBar": False, "responsive": True}


def score_chart(
    histogram: np.ndarray,
    threshold: float | None,
    valley: float | None,
    tracks: tuple[np.ndarray, np.ndarray] | None,
    sweep: Sweep | None,
) -> dict[str, Any]:
    """How a score is spread, the threshold in it, and what truth and tracks say over it.

    Args:
        histogram: int64 (BINS,) over 0 to 1.
        threshold: As it is set.
        valley: Of the density.
        tracks: Thresholds, and the agreement along tracks of the labels that reach them.
        sweep: What truth says.
    """
    edges = np.arange(BINS) / BINS
    passes = edges >= (-1 if threshold is None else threshold - 1e-9)
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": (edges + 0.5 / BINS).tolist(),
            "y": histogram.tolist(),
            "marker": {"color": np.where(passes, BLUE, GREY).tolist(), "opacity": 0.55},
            "name": "labels",
            "showlegend": False,
            "hovertemplate": "%{y} labels around %{x:.2f}<extra></extra>",
        }
    ]
    curves: list[tuple[str, np.ndarray, np.ndarray, str, str]] = []
    if sweep is not None:
        curves += [
            ("F1", sweep.thresholds, sweep.f1, ORANGE, "solid"),
            ("precision", sweep.thresholds, sweep.precision, GREEN, "dash"),
            ("recall", sweep.thresholds, sweep.recall, PURPLE, "dot"),
        ]
    if tracks is not None:
        curves.append(("agreement along tracks", *tracks, INK, "dashdot"))
    for name, x, y, colour, dash in curves:
        shown = [float(value) if value >= 0 else None for value in y]
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": x.tolist(),
                "y": shown,
                "yaxis": "y2",
                "name": name,
                "line": {"color": colour, "dash": dash, "width": 2},
                "hovertemplate": f"{name} %{{y:.1%}} at %{{x:.2f}}<extra></extra>",
            }
        )
    if sweep is not None and sweep.best is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [sweep.best],
                "y": [float(sweep.f1.max())],
                "yaxis": "y2",
                "name": "best F1",
                "marker": {"color": ORANGE, "size": 12, "symbol": "star"},
                "hovertemplate": "best F1 %{y:.1%} at %{x:.2f}<extra></extra>",
            }
        )
    lines = [(threshold, BLUE, "solid", "threshold"), (valley, INK, "dot", "valley")]
    shown_lines = [line for line in lines if line[0] is not None]
    return {
        "data": data,
        "config": CONFIG,
        "layout": {
            "height": 300,
            "margin": {"l": 52, "r": 48, "t": 38, "b": 36},
            "font": FONT,
            "bargap": 0.05,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "y": -0.16, "x": 0},
            "xaxis": {"range": [0, 1], "gridcolor": "#eceae4", "zeroline": False},
            "yaxis": {"title": {"text": "labels"}, "gridcolor": "#eceae4", "rangemode": "tozero"},
            "yaxis2": {
                "overlaying": "y",
                "side": "right",
                "range": [0, 1.02],
                "tickformat": ".0%",
                "showgrid": False,
                "visible": bool(curves),
            },
            "shapes": [
                {
                    "type": "line",
                    "x0": x,
                    "x1": x,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": colour, "dash": dash, "width": 2},
                }
                for x, colour, dash, _ in shown_lines
            ],
            "annotations": [
                {
                    "x": x,
                    "y": 1 + 0.06 * line,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": f"{name} {x:.2f}",
                    "showarrow": False,
                    "font": {"size": 11, "color": colour},
                }
                for line, (x, colour, _, name) in enumerate(shown_lines)
            ],
        },
    }


def map_chart(found: EmbeddingMap, classes: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Crops and prototypes on a plane, a colour per class, ready for a lasso.

    Args:
        found: Where they are.
        classes: int64 (K,) places of the crops' classes.
        names: Of all classes, escaped.
    """
    data: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        own = classes == place
        colour = "rgb({},{},{})".format(*PALETTE[place % len(PALETTE)].tolist())
        if own.any():
            data.append(
                {
                    "type": "scattergl",
                    "mode": "markers",
                    "x": found.points[own, 0].tolist(),
                    "y": found.points[own, 1].tolist(),
                    "customdata": found.rows[own].tolist(),
                    "name": name,
                    "marker": {"color": colour, "size": 5, "opacity": 0.75},
                    "hovertemplate": f"{name}<extra></extra>",
                }
            )
        prototypes = found.prototype_points[found.prototype_classes == place]
        if len(prototypes):
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": prototypes[:, 0].tolist(),
                    "y": prototypes[:, 1].tolist(),
                    "customdata": [-1] * len(prototypes),
                    "name": name,
                    "showlegend": False,
                    "marker": {
                        "color": colour,
                        "size": 11,
                        "symbol": "diamond",
                        "line": {"color": "#1a1d21", "width": 1.5},
                    },
                    "hovertemplate": f"prototype of {name}<extra></extra>",
                }
            )
    axis = {"showticklabels": False, "gridcolor": "#eceae4", "zeroline": False}
    return {
        "data": data,
        "config": {
            "displaylogo": False,
            "modeBarButtons": [["lasso2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
            "responsive": True,
        },
        "layout": {
            "height": 460,
            "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
            "font": FONT,
            "dragmode": "lasso",
            "hovermode": "closest",
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "y": -0.02, "x": 0, "itemsizing": "constant"},
            "xaxis": axis,
            "yaxis": axis,
        },
    }

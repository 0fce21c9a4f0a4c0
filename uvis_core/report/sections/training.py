"""Section of the training: curves from the metrics that it writes as JSON lines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uvis_core.io.errors import UserError
from uvis_core.report.charts import LineChart, line_chart

PARTS = {"loss_class": "class", "loss_mask": "mask", "loss_dice": "dice"}


def facts(metrics: str | None) -> dict[str, Any]:
    """What the section shows, from the training's JSON lines if there are any."""
    return {"training": training_charts(read_metrics(metrics)) if metrics else []}


def read_metrics(path: Path | str) -> list[dict[str, Any]]:
    """Read JSON lines, one per logged step; a step logged again by a resumed run counts once.

    Raises:
        UserError: The file is missing or a line has no ``step``.
    """
    by_step: dict[int, dict[str, Any]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        for line in filter(str.strip, lines):
            entry = json.loads(line)
            by_step[int(entry["step"])] = entry
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: cannot be read as training metrics ({error})",
            fix="give the metrics.jsonl that the training wrote, one JSON object with a step per line",
        ) from error
    return [by_step[step] for step in sorted(by_step)]


def training_charts(metrics: list[dict[str, Any]]) -> list[LineChart]:
    """Total loss, its parts and the learning rate over the steps; what was not logged is left out."""
    charts = [
        _chart("Loss", metrics, {"loss": "total"}),
        _chart("Parts of the loss", metrics, PARTS),
        _chart("Learning rate", metrics, {"learning_rate": "learning rate"}),
    ]
    return [chart for chart in charts if chart is not None]


def _chart(title: str, metrics: list[dict[str, Any]], keys: Mapping[str, str]) -> LineChart | None:
    curves = {}
    for key, name in keys.items():
        pairs = [(entry["step"], entry[key]) for entry in metrics if isinstance(entry.get(key), int | float)]
        if pairs:
            x, y = zip(*pairs, strict=True)
            curves[name] = (x, y)
    return line_chart(title, "step", curves)

"""Figures of evaluations, read again by what shows them."""

from pathlib import Path
from typing import Any

from uvis_core.io.atomic import read_json_object
from uvis_core.io.errors import UserError


def read_figures(path: Path | str) -> dict[str, Any]:
    """Read the figures of tracks or of labels.

    Raises:
        UserError: The file is missing, is no JSON object, or no number stands at its top, as in files of other kinds.
        MachineError: The system cannot read it.
    """
    figures = read_json_object(path)
    if not any(isinstance(value, int | float) for value in figures.values()):
        raise UserError(
            f"{path}: holds no figures", fix="give what evaluate_tracks.py or evaluate_labels.py has written"
        )
    return figures

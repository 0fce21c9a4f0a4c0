"""Training figures as JSON lines, one per logged step, and for TensorBoard."""

import json
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from uvis_core.io.atomic import write_text


class MetricsLog:
    """Appends figures; after a resume, lines later than the resumed step are dropped and written anew.

    The JSON lines hold nothing of the clock, so that equal trainings write equal files.

    Args:
        path: JSON lines.
        tensorboard: Folder of TensorBoard's event files.
        steps_done: Steps that the resumed state has behind it; 0 for a new training.
    """

    def __init__(self, path: Path, tensorboard: Path, steps_done: int) -> None:
        kept = [line for line in _whole_lines(path) if json.loads(line)["step"] <= steps_done]
        write_text(path, "".join(line + "\n" for line in kept))
        self._lines = path.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(tensorboard), purge_step=steps_done + 1)

    def write(self, step: int, figures: Mapping[str, float], board_only: Mapping[str, float]) -> None:
        """Log the figures after ``step`` steps; those of ``board_only`` go to TensorBoard alone."""
        self._lines.write(json.dumps({"step": step, **figures}) + "\n")
        self._lines.flush()
        for name, value in {**figures, **board_only}.items():
            self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Flush both."""
        self._lines.close()
        self._board.close()


def _whole_lines(path: Path) -> list[str]:
    """Lines that a killed process had finished writing."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    return text[: text.rfind("\n") + 1].splitlines()

"""The few lines that a finished run ends with."""

from collections.abc import Mapping
from pathlib import Path

from uvis_core.io.atomic import read_json
from uvis_core.report.sections.figures import headline


def summary_text(figures: Mapping[str, Path | str], next_lines: Mapping[str, str]) -> str:
    """A small table of figures in percent, where results are, and what can be done with them.

    Args:
        figures: Experiment name to its figures file; files that do not exist are left out.
        next_lines: What is there or can be done, to its path or command.

    Returns:
        Lines of text; empty where there is nothing to show.
    """
    found = {name: read_json(path) for name, path in figures.items() if Path(path).is_file()}
    lines = []
    if found:
        width = max(map(len, [*found, "experiment"]))
        shown = headline(next(iter(found.values())))
        lines.append(f"{'experiment':<{width}}  " + "  ".join(f"{key:>6}" for key in shown))
        for name, values in found.items():
            # -1 is the protocol's word for "no truth to measure against".
            cells = (f"{100 * values[key]:6.1f}" if values[key] >= 0 else f"{'-':>6}" for key in shown)
            lines.append(f"{name:<{width}}  " + "  ".join(cells))
    lines += [f"{name}: {text}" for name, text in next_lines.items()]
    return "\n".join(lines)

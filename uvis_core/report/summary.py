"""The few lines that a finished run ends with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from uvis_core.io.atomic import read_json
from uvis_core.report.sections.figures import headline


def unreadable_videos(checks: Sequence[Path]) -> dict[str, str]:
    """What the end of a run says of videos that could not be read.

    Args:
        checks: What the frames stage counted, a file for each split, named by it; those that do not exist are left out.

    Returns:
        For each split that lacks some: how many, and where the reasons stand.
    """
    found = {path: read_json(path) for path in checks if path.is_file()}
    return {
        f"{path.stem}, left out": f"{counts['failed']} of {counts['videos']} videos could not be read, see {path}"
        for path, counts in found.items()
        if counts["failed"]
    }


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

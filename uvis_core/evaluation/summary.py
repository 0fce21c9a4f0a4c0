"""The figures as a small table for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

from uvis_core.evaluation.davis.figures import DAVIS_FIGURES
from uvis_core.evaluation.ytvis.protocols import PROTOCOLS

IDENTITY_FIGURES = ("HOTA", "DetA", "AssA", "IDF1")


def figures_table(figures: Mapping[str, Any]) -> str:
    """Show the figures in per cent, a dash where no truth is in the bin."""
    if figures["protocol"] == "davis":
        return _block(figures, DAVIS_FIGURES)
    protocol = PROTOCOLS[figures["protocol"]]
    precision = [figure.name for figure in protocol.figures if figure.kind == "precision"]
    recall = [figure.name for figure in protocol.figures if figure.kind == "recall"]
    further = [names for names in (IDENTITY_FIGURES, DAVIS_FIGURES) if names[0] in figures]
    return "\n\n".join(_block(figures, names) for names in (precision, recall, *further))


def _block(figures: Mapping[str, Any], names: Sequence[str]) -> str:
    cells = ["-" if figures[name] < 0 else f"{100 * figures[name]:.1f}" for name in names]
    return tabulate([cells], headers=names, stralign="right", disable_numparse=True)

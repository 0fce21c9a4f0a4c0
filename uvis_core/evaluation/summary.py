"""The figures as a small table for people."""

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from uvis_core.evaluation.protocols import PROTOCOLS


def figures_table(figures: Mapping[str, Any]) -> str:
    """Show the figures in per cent, a dash where no truth is in the bin."""
    protocol = PROTOCOLS[figures["protocol"]]
    precision = [figure.name for figure in protocol.figures if figure.kind == "precision"]
    recall = [figure.name for figure in protocol.figures if figure.kind == "recall"]
    blocks = []
    for names in (precision, recall, ["HOTA", "DetA", "AssA", "IDF1"]):
        cells = ["-" if figures[name] < 0 else f"{100 * figures[name]:.1f}" for name in names]
        blocks.append(tabulate([cells], headers=names, stralign="right", disable_numparse=True))
    return "\n\n".join(blocks)

"""The figures as a small table for people."""

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from uvis_core.evaluation.protocols import PROTOCOLS


def figures_table(figures: Mapping[str, Any]) -> str:
    """Show the figures in per cent, precision above recall; a dash where no truth is in the bin."""
    protocol = PROTOCOLS[figures["protocol"]]
    blocks = []
    for kind in ("precision", "recall"):
        names = [figure.name for figure in protocol.figures if figure.kind == kind]
        cells = ["-" if figures[name] < 0 else f"{100 * figures[name]:.1f}" for name in names]
        blocks.append(tabulate([cells], headers=names, stralign="right", disable_numparse=True))
    return "\n\n".join(blocks)

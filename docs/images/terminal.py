"""Run a command in a terminal of tmux's and draw what stood in it: once while it worked, and at its end."""

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from uvis_core.io.atomic import write_text

SESSION = ("tmux", "-L", "terminal-picture")
LINE_PX, COLUMN_PX, MARGIN_PX = 17, 7.9, 14
STYLE = (
    "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d6dde4;"
    "white-space:pre}.screen{fill:#14191f}"
)


def tmux(*words: str) -> str:
    """Ask the terminal something."""
    return subprocess.run([*SESSION, *words], check=True, capture_output=True, text=True).stdout


def record(command: Sequence[str], while_shown: str, columns: int, rows: int) -> list[list[str]]:
    """Lines of the terminal halfway through the time in which ``while_shown`` stood in it, and at the end."""
    kept = f"{shlex.join(command)}; {shlex.join([*SESSION, 'wait-for', '-S', 'over'])}; sleep 60"
    tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), kept)
    over = subprocess.Popen([*SESSION, "wait-for", "over"])
    working: list[list[str]] = []
    while over.poll() is None:
        shown = tmux("capture-pane", "-p").splitlines()
        if re.search(while_shown, "\n".join(shown)):
            working.append(shown)
        time.sleep(0.5)
    if not working:
        sys.exit(f"{while_shown} never stood in the terminal")
    screens = [working[len(working) // 2], tmux("capture-pane", "-p").splitlines()]
    tmux("kill-server")
    return screens


def draw(screens: Sequence[Sequence[str]], columns: int) -> str:
    """The screens below each other, as SVG; paths as they are from here."""
    here = f"{Path.cwd()}/"
    width = round(columns * COLUMN_PX) + 2 * MARGIN_PX
    parts, top = [], 0
    for lines in screens:
        height = len(lines) * LINE_PX + 2 * MARGIN_PX
        parts.append(f'<rect class="screen" y="{top}" width="{width}" height="{height}" rx="8"/>')
        for number, line in enumerate(lines):
            if line:
                bottom = top + MARGIN_PX + LINE_PX * (number + 1) - 5
                text = escape(line.replace(here, ""))
                parts.append(f'<text x="{MARGIN_PX}" y="{bottom}">{text}</text>')
        top += height + MARGIN_PX
    size = f'width="{width}" height="{top - MARGIN_PX}" viewBox="0 0 {width} {top - MARGIN_PX}"'
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n{body}\n</svg>\n'


def main(arguments: argparse.Namespace) -> None:
    """Record and draw."""
    screens = record(arguments.command, arguments.while_shown, arguments.columns, arguments.rows)
    write_text(Path(arguments.output), draw(screens, arguments.columns))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="the picture (.svg)")
    parser.add_argument("--while-shown", required=True, metavar="PATTERN", help="stands in the first screen")
    parser.add_argument("--columns", type=int, default=100, help="of the terminal (default: 100)")
    parser.add_argument("--rows", type=int, default=30, help="of the terminal (default: 30)")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="after --: what is run")
    main(parser.parse_args())

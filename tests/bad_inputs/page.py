"""The page that lists all bad inputs."""

from collections import Counter

from tests.bad_inputs.case import ROOT, BadInput
from tests.bad_inputs.cases import AREAS

PAGE = ROOT / "docs" / "bad_inputs.md"
HEAD = """# Bad and odd inputs

Each row is a test of its own (`pytest tests/bad_inputs`): the input is made, met by the code that reads it, and what
a user then reads must hold the words of the last column. *Refused*: one error with the file, the value and the fix.
*Recorded*: the item is left out and listed as failed, the rest goes on. *Accepted*: odd, and used rightly.
`python -m tests.bad_inputs` writes this page.
"""


def row(case: BadInput) -> str:
    """One line of the table."""
    words = " … ".join(map(code, case.says)).replace("|", "\\|").replace("\n", " ")
    return f"| {case.what} | {case.outcome} | {words} |"


def code(words: str) -> str:
    """Words as code in Markdown, whatever they hold."""
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def page_text() -> str:
    """The whole page in Markdown."""
    outcomes = Counter(case.outcome for cases in AREAS.values() for case in cases)
    total = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    parts = [HEAD, f"{sum(outcomes.values())} inputs: {total}.\n"]
    for area, cases in AREAS.items():
        parts += [f"## {area}\n", "| input | outcome | words of the message |\n|---|---|---|"]
        parts.append("\n".join(map(row, cases)) + "\n")
    return "\n".join(parts)

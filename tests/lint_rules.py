"""Snakemake's linter, but for one opinion: here the helpers of a rule stand beside it, in its file.

python tests/lint_rules.py
"""

import re
import subprocess
import sys

BESIDE_THEIR_RULES = "Mixed rules and functions in same snakefile."


def faults(output: str) -> list[str]:
    """Titles of what the linter says, without the one that is meant to be so."""
    titles = re.findall(r"^    \* (.+?):?$", output, re.MULTILINE)
    return [title for title in (found.rstrip(":") for found in titles) if title != BESIDE_THEIR_RULES]


if __name__ == "__main__":
    done = subprocess.run(
        ["snakemake", "--lint"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = faults(done.stdout)
    # A workflow that cannot be read says nothing in the linter's form.
    if said or (done.returncode and BESIDE_THEIR_RULES not in done.stdout):
        sys.exit(f"{done.stdout}\n{len(said)} lints")
    print("Snakemake's linter: nothing but helpers beside their rules")

"""Which stages each of the last commits would have rerun, by today's digest of code; none where only words changed.

    python benchmarks/replay.py --commits 60

A stage is a file of rules; a script that no rule runs stands by its own name. Whether a commit changed words only is
judged from the tokens of the files it touched, by rules of this program's own: it knows nothing of the digest's syntax
trees. What a rerun depends on beside code (settings, templates, weights) is not looked at. Ends with status 1 where a
commit reruns something though no more than words changed.
"""

import argparse
import io
import keyword
import subprocess
import sys
import tarfile
import tempfile
import tokenize
from collections import Counter
from pathlib import Path

from uvis_core.provenance import ROOT, code_digest

SOURCES = (":(glob)uvis_core/**/*.py", ":(glob)scripts/*.py")
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER}
HELP = {"description", "epilog", "help", "metavar"}
Line = list[str]


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=True).stdout


def logical_lines(source: str) -> list[tuple[str, Line]]:
    """Every logical line without comments and layout, and the word that opened the block around it."""
    lines: list[tuple[str, Line]] = []
    blocks, line, opened = [""], [], ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.INDENT:
            blocks.append(opened)
        elif token.type == tokenize.DEDENT:
            blocks.pop()
        elif token.type == tokenize.NEWLINE:
            opened = line[0]
            # Where a block begins and ends is told by how deep its lines are.
            lines.append((blocks[-1], [str(len(blocks)), *line]))
            line = []
        elif token.type not in LAYOUT:
            line.append(token.string)
    return lines


def skipped(line: Line, start: int, ends: set[str]) -> int:
    """Where, from ``start`` on, one of ``ends`` stands outside of brackets, a bracket closes, or the line ends."""
    depth = 0
    for place in range(start, len(line)):
        if depth == 0 and line[place] in ends | {")", "]", "}"}:
            return place
        depth += (line[place] in "([{") - (line[place] in ")]}")
    return len(line)


def without_words(block: str, line: Line) -> Line:
    """A logical line without what only people read."""
    depth, *words = line
    kept: Line = [depth]
    heading = words[:2] == ["async", "def"] or words[0] == "def"
    told = words[0] == "print" or words[:2] in (["log", "."], ["logging", "."])
    if all(is_text(word) for word in words):
        return []
    colon = skipped(words, 0, {":", "="})
    declares = not heading and not keyword.iskeyword(words[0]) and words[colon : colon + 1] == [":"]
    if declares and block != "class" and all(word == "." or word.isidentifier() for word in words[:colon]):
        kept += words[:colon]
        words = words[skipped(words, colon, {"="}) :]
    place, open_brackets, default = 0, 0, False
    while place < len(words):
        word = words[place]
        open_brackets += (word in "([{") - (word in ")]}")
        if heading and open_brackets == 1:
            default = (default and word != ",") or word == "="
        if heading and open_brackets == 1 and word == ":" and not default:
            place = skipped(words, place, {",", "="})
        elif heading and word == "->":
            place = skipped(words, place, {":"})
        elif word in HELP and words[place + 1 : place + 2] == ["="] and open_brackets:
            place = skipped(words, place, {","})
        elif word == "(" and (words[0] == "raise" or words[place - 1] == "UserError"):
            place = skipped(words, place + 1, set())
        elif told and is_text(word):
            place += 1
        else:
            kept.append(word)
            place += 1
            continue
    return kept


def is_text(word: str) -> bool:
    return word[-1] in "\"'"


def computing_tokens(source: str) -> tuple[set[str], list[Line]]:
    """What is left of a file without words: its imports that something left reads, and its lines."""
    lines = logical_lines(source)
    imports = [line[1:] for _, line in lines if line[1] in ("from", "import")]
    others = [(block, line) for block, line in lines if line[1] not in ("from", "import")]
    left = [line for line in (without_words(block, line) for block, line in others) if line]
    read, had_read = (
        {word for line in which for word in line} for which in (left, [line for _, line in others])
    )
    bindings = set()
    for line in imports:
        split = line.index("import") + 1
        for name in " ".join(word for word in line[split:] if word not in "()").split(" , "):
            bound = name.split()[-1] if " as " in name else name.split()[0]
            if bound in read or bound not in had_read:
                bindings.add(" ".join([*line[:split], name]))
    return bindings, left


def kind_of(commit: str) -> str:
    """What a commit changed in the modules and scripts: no code, words only, or code."""
    changes = git("diff", "--name-status", "--no-renames", f"{commit}~1", commit, "--", *SOURCES).decode()
    if not changes:
        return "no code"
    for status, path in (change.split("\t") for change in changes.splitlines()):
        if status != "M":
            return "code"
        before, after = (git("show", f"{which}:{path}").decode() for which in (f"{commit}~1", commit))
        if computing_tokens(before) != computing_tokens(after):
            return "code"
    return "words only"


def digests(commit: str) -> dict[str, tuple[str, str]]:
    """The stage and the digest of every script of a commit."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        archive = git("archive", "--format=tar", commit, *SOURCES, ":(glob)rules/*.smk")
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            # An archive that git has just made of this very repository; the filter lets no path out of the folder.
            files.extractall(root, filter="data")
        rules = {rule.stem: rule.read_text(encoding="utf-8") for rule in sorted(root.glob("rules/*.smk"))}
        found = {}
        for script in sorted(root.glob("scripts/*.py")):
            stages = [stage for stage, text in rules.items() if f"scripts/{script.name}" in text]
            found[script.name] = (
                ", ".join(stages) or script.name,
                code_digest(script.relative_to(root), root),
            )
    return found


def main(arguments: argparse.Namespace) -> None:
    log = git("log", "--first-parent", "--format=%h %s", f"--max-count={arguments.commits}").decode()
    commits = [line.split(" ", 1) for line in reversed(log.splitlines())]
    before = digests(f"{commits[0][0]}~1")
    counts: Counter[str] = Counter()
    reran: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for commit, subject in commits:
        now = digests(commit)
        again = sorted(
            {stage for script, (stage, digest) in now.items() if (stage, digest) != before.get(script)}
        )
        kind = kind_of(commit)
        counts[kind] += 1
        reran[kind] += bool(again)
        stages.update(again)
        print(f"{commit}  {kind:10}  {', '.join(again) or '-'}  ({subject})", flush=True)
        before = now
    print("\n| commits that change in modules and scripts | number | rerun something |\n|---|---|---|")
    for kind in ("no code", "words only", "code"):
        print(f"| {kind} | {counts[kind]} | {reran[kind]} |")
    print("\n| stage | rerun by commits |\n|---|---|")
    for stage, number in stages.most_common():
        print(f"| {stage} | {number} |")
    if reran["no code"] or reran["words only"]:
        sys.exit("a commit that changed no more than words reruns something")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=60, help="how many, back from HEAD (default: 60)")
    main(parser.parse_args())

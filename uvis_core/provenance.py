"""Digests that say when a result is out of date: of code without its words, and of settings."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uvis_core.syntax import computing

ROOT = Path(__file__).resolve().parent.parent
# These run around the stages and cannot change what a stage computes.
WITHOUT_INFLUENCE = frozenset(
    {"uvis_core.jobs", "uvis_core.provenance", "uvis_core.syntax", "uvis_core.words"}
)


def text_digest(text: str) -> str:
    """The first 16 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Digest of settings, independent of the order of their keys."""
    return text_digest(json.dumps(settings, sort_keys=True, default=str))


Understood = tuple[str, tuple[str, ...]]
"""Digest of what a file computes, and the names of the project's modules it imports."""

# By the digest of a file's text: what this process has read, and what an earlier one had noted.
_understood: dict[str, Understood] = {}
_recalled: dict[str, Understood] = {}


def _read(path: Path) -> tuple[str, tuple[str, ...]]:
    source = path.read_text(encoding="utf-8")
    key = text_digest(source)
    if key not in _understood:
        try:
            _understood[key] = _recalled.get(key) or _understand(source)
        except SyntaxError as error:
            error.filename = str(path)
            raise
    return _understood[key]


def _understand(source: str) -> Understood:
    text, imported = computing(source)
    return text_digest(text), tuple(name for name in imported if name.split(".")[0] == "uvis_core")


def recall_code(notes: Path) -> None:
    """Take over what an earlier process noted of files by their content; a damaged or outdated note is passed over."""
    try:
        kept = json.loads(notes.read_text(encoding="utf-8"))
        if kept["rules"] == _rules_digest():
            _recalled.update({key: (digest, tuple(names)) for key, (digest, names) in kept["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return


def noted_code() -> dict[str, Any]:
    """What this process has read, for ``recall_code`` of the next one; ready for json."""
    files = {key: [digest, list(names)] for key, (digest, names) in sorted(_understood.items())}
    return {"rules": _rules_digest(), "files": files}


def _rules_digest() -> str:
    """Of the modules that say what of a file counts."""
    parts = [(ROOT / "uvis_core" / name).read_text(encoding="utf-8") for name in ("syntax.py", "words.py")]
    return text_digest("\n".join(parts))


def code_files(script: Path | str, root: Path = ROOT) -> list[Path]:
    """The script and every module of the project that it imports, directly or through others, sorted.

    Package ``__init__`` files hold a docstring only, so imports are followed to modules and never through packages.
    """
    found: set[Path] = set()
    waiting = [root / script]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in _read(path)[1]:
            module = root.joinpath(*name.split(".")).with_suffix(".py")
            if name not in WITHOUT_INFLUENCE and module.is_file():
                waiting.append(module)
    return sorted(found)


def code_digest(script: Path | str, root: Path = ROOT) -> str:
    """Digest of all code behind a script, of what computes: ``words.py`` says what does not.

    A changed word changes nothing, a changed line of code changes the digest of every script that imports its module.
    """
    parts = [f"{path.relative_to(root).as_posix()}:{_read(path)[0]}" for path in code_files(script, root)]
    return text_digest("\n".join(parts))

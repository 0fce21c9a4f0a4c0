"""Digests that say when a result is out of date: of code without its words, and of settings."""

import hashlib
import json
from collections.abc import Iterable, Mapping
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


Code = dict[Path, tuple[str, tuple[Path, ...]]]
"""Per file the digest of what it computes, and the files of the project's modules that it imports."""


def code_files(script: Path | str, root: Path = ROOT) -> list[Path]:
    """The script and every module of the project that it imports, directly or through others, sorted.

    Package ``__init__`` files hold a docstring only, so imports are followed to modules and never through packages.
    """
    return _followed(root / script, root, {})


def _followed(script: Path, root: Path, code: Code) -> list[Path]:
    """As ``code_files``; what is read goes into ``code``, and what is there already is not read again."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path not in code:
            digest, names = _read(path)
            modules = (
                root / f"{name.replace('.', '/')}.py" for name in names if name not in WITHOUT_INFLUENCE
            )
            code[path] = digest, tuple(module for module in modules if module.is_file())
        waiting += code[path][1]
    return sorted(found)


def code_digest(script: Path | str, root: Path = ROOT) -> str:
    """Digest of all code behind a script, of what computes: ``words.py`` says what does not.

    A changed word changes nothing, a changed line of code changes the digest of every script that imports its module.
    """
    return code_digests([script], root)[str(script)]


def code_digests(scripts: Iterable[Path | str], root: Path = ROOT) -> dict[str, str]:
    """Each script's ``code_digest``; modules that they share are read once."""
    code: Code = {}
    digests = {}
    for script in scripts:
        parts = [
            f"{path.relative_to(root).as_posix()}:{code[path][0]}"
            for path in _followed(root / script, root, code)
        ]
        digests[str(script)] = text_digest("\n".join(parts))
    return digests

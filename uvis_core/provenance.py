"""Digests that say when a result is out of date: of code without its words, and of settings."""

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# These run around the stages and cannot change what a stage computes.
WITHOUT_INFLUENCE = frozenset({"uvis_core.jobs", "uvis_core.provenance"})


def text_digest(text: str) -> str:
    """The first 16 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Digest of settings, independent of the order of their keys."""
    return text_digest(json.dumps(settings, sort_keys=True, default=str))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:] or [ast.Pass()]
    return tree


def _imported(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _parsed(path: Path) -> tuple[str, tuple[str, ...]]:
    """Digest of one file's syntax tree, and the names of the project's modules it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    imports = tuple(sorted({name for name in _imported(tree) if name.split(".")[0] == "uvis_core"}))
    return text_digest(ast.dump(_without_docstrings(tree))), imports


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
        for name in _parsed(path)[1]:
            module = root.joinpath(*name.split(".")).with_suffix(".py")
            if name not in WITHOUT_INFLUENCE and module.is_file():
                waiting.append(module)
    return sorted(found)


def code_digest(script: Path | str, root: Path = ROOT) -> str:
    """Digest of all code behind a script, over syntax trees without docstrings.

    A comment, a docstring or formatting changes nothing; a changed line changes the digest of every script that
    imports its module.
    """
    parts = [f"{path.relative_to(root).as_posix()}:{_parsed(path)[0]}" for path in code_files(script, root)]
    return text_digest("\n".join(parts))

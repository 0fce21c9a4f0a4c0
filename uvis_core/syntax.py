"""What of a module's code computes, as one text that is the same on every supported Python.

The standard library is all that this needs, so that any interpreter can run it.
"""

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from uvis_core.words import without_words

# Fields of syntax that follow from others, say how something was written, or are there on some Pythons only.
_HOW_WRITTEN = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def _constant_text(value: Any) -> str:
    """One text per constant, whatever the limits and the Unicode tables of the running Python."""
    if isinstance(value, complex):
        shown = f"{value.real.hex()} {value.imag.hex()}"
    elif isinstance(value, float):
        shown = value.hex()
    elif type(value) is int:
        shown = hex(value)
    else:
        shown = ascii(value)
    return f"{type(value).__name__} {shown}"


def _import_texts(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    origin = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        renamed = alias.asname if alias.asname != alias.name else None
        yield f"{type(node).__name__}({origin!a}, {alias.name!a}, {renamed!a})"


def _node_texts(nodes: Iterable[Any]) -> Iterator[str]:
    """Texts of a list's parts; those of imports that follow each other sorted."""
    for are_imports, run in groupby(nodes, lambda node: isinstance(node, ast.Import | ast.ImportFrom)):
        if are_imports:
            yield from sorted(text for node in run for text in _import_texts(node))
        else:
            yield from map(_text, run)


def _text(value: Any) -> str:
    """A part of a syntax tree as text: the type of each node and its fields by name, what is absent left out."""
    if isinstance(value, list):
        return f"[{', '.join(_node_texts(value))}]"
    if isinstance(value, ast.Constant):
        return f"Constant({_constant_text(value.value)})"
    if isinstance(value, ast.AST):
        fields = ((name, getattr(value, name, None)) for name in sorted(set(value._fields) - _HOW_WRITTEN))
        there = (f"{name}={_text(field)}" for name, field in fields if field is not None and field != [])
        return f"{type(value).__name__}({', '.join(there)})"
    return ascii(value)


def computing(source: str) -> tuple[str, tuple[str, ...]]:
    """What a module's source computes (``words.py`` says what does not), and the dotted names that it imports.

    Raises:
        SyntaxError: The source is no Python.
    """
    tree, imported = without_words(ast.parse(source))
    return _text(tree), imported

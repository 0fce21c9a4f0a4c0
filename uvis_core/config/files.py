"""Files of the configuration: what Snakemake takes from them without a word, and a user cannot have meant."""

import json
from collections import Counter
from pathlib import Path

import yaml

from uvis_core.io.errors import UserError

MOST_NODES = 100_000
"""Keys and values of one file, those that aliases repeat counted each time."""


def check_file(path: Path | str) -> None:
    """Refuse a file in which a key stands twice, or that is far larger than it looks.

    YAML takes the last of two equal keys, and an alias may repeat a block that repeats another one, and so on.

    Args:
        path: YAML or JSON, which Snakemake could read.

    Raises:
        UserError: Names the file, the key and the lines.
    """
    text = Path(path).read_text(encoding="utf-8")
    try:
        json.loads(text, object_pairs_hook=lambda pairs: _checked_pairs(path, pairs))
    except ValueError:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _count(path, root, {})


def _checked_pairs(path: Path | str, pairs: list[tuple[str, object]]) -> None:
    counts = Counter(key for key, _ in pairs)
    twice = next((key for key, count in counts.items() if count > 1), None)
    if twice is not None:
        raise UserError(f"{path}: the key {twice!r} stands twice in one block", fix="remove one of them")


def _count(path: Path | str, node: yaml.Node, known: dict[int, int]) -> int:
    """Nodes below one, and itself; those of a block that aliases repeat are counted once and added each time."""
    if id(node) not in known:
        # Until it is counted, a block that holds itself has no end.
        known[id(node)] = MOST_NODES
        inner: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            _check_keys(path, node)
            inner = [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            inner = node.value
        known[id(node)] = 1 + sum(_count(path, one, known) for one in inner)
    if known[id(node)] > MOST_NODES:
        raise UserError(
            f"{path}: line {node.start_mark.line + 1}: the block has more than {MOST_NODES} keys and values, "
            "because its aliases repeat each other",
            fix="write out what they stand for",
        )
    return known[id(node)]


def _check_keys(path: Path | str, block: yaml.MappingNode) -> None:
    first: dict[str, yaml.Node] = {}
    for key, _ in block.value:
        if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, key) is not key:
            lines = [one.start_mark.line + 1 for one in (first[key.value], key)]
            raise UserError(
                f"{path}: the key {key.value!r} stands twice in one block, in lines {lines[0]} and {lines[1]}",
                fix="remove one of them; of two equal keys only the last one counts",
            )

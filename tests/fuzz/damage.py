"""Inputs close to valid ones, for hypothesis: bytes and documents with a few things wrong."""

import copy
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

# Values that readers stumble over more often than over any others.
ODD = (
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63) - 1,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\ud800",
    "../x",
    "{}",
    "<b>",
)
SCALARS = st.one_of(
    st.sampled_from(ODD), st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every container of a document of lists and dictionaries, with every index or key of it."""
    found: list[tuple[Any, Any]] = []
    open_containers = [document]
    while open_containers:
        container = open_containers.pop()
        if isinstance(container, list | dict):
            for key in list(container) if isinstance(container, dict) else range(len(container)):
                found.append((container, key))
                open_containers.append(container[key])
    return found


@st.composite
def damaged_documents(draw: st.DrawFn, document: Any) -> Any:
    """A document in which up to three entries are lost, repeated, moved or something else."""
    whole = [copy.deepcopy(document)]
    for _ in range(draw(st.integers(1, 3))):
        found = places(whole)
        container, key = found[draw(st.integers(0, len(found) - 1))]
        act = draw(st.sampled_from(("replace", "move", "remove", "repeat")))
        if act == "replace":
            container[key] = draw(VALUES)
        elif act == "move":
            other, place = found[draw(st.integers(0, len(found) - 1))]
            container[key] = copy.deepcopy(other[place])
        elif act == "repeat" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        elif container is not whole:
            del container[key]
    return whole[0]


@st.composite
def damaged_bytes(draw: st.DrawFn, content: bytes, hot: Sequence[tuple[int, int]] = ()) -> bytes:
    """Bytes of which up to four pieces are overwritten, lost or put in, or the end is cut.

    Args:
        draw: Hypothesis's.
        content: The valid bytes.
        hot: Ranges (first, last) of places that are damaged as often as all others, such as headers.
    """
    damaged = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        if not damaged:
            break
        first, last = draw(st.sampled_from([(0, len(content) - 1), *hot]))
        place = min(draw(st.integers(first, last)), len(damaged) - 1)
        act = draw(st.sampled_from(("overwrite", "overwrite", "extreme", "insert", "remove", "cut")))
        if act == "overwrite":
            piece = draw(st.binary(min_size=1, max_size=4))
            damaged[place : place + len(piece)] = piece
        elif act == "extreme":
            size = draw(st.sampled_from((1, 2, 4, 8)))
            damaged[place : place + size] = bytes([draw(st.sampled_from(EXTREMES))]) * size
        elif act == "insert":
            damaged[place:place] = draw(st.binary(min_size=1, max_size=8))
        elif act == "remove":
            del damaged[place : place + draw(st.integers(1, 8))]
        else:
            del damaged[place:]
    return bytes(damaged)


def damaged_json(document: Any) -> st.SearchStrategy[bytes]:
    """A damaged document as json, NaN and lone surrogates among its values; sometimes its bytes are damaged too."""
    valid = json.dumps(document).encode()
    written = damaged_documents(document).map(lambda damaged: json.dumps(damaged).encode())
    return st.one_of(written, written, written, damaged_bytes(valid))

"""A look at json on its way to the parser, which needs memory by the square of how deep values lie in each other."""

import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from uvis_core.io.errors import UserError

DEEPEST = 64
"""No annotation, result or setting lies in more than a tenth of so many lists and objects."""
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_NO_BRACKETS = bytes(code for code in range(256) if not _STEPS[code])


class Shallow:
    """Hands on the bytes of a json file as long as no value lies too deep.

    Args:
        stream: The file.
        path: Its name, for the message.
    """

    def __init__(self, stream: BinaryIO, path: Path | str) -> None:
        self._stream, self._path = stream, path
        self._depth, self._in_text = 0, False

    def read(self, size: int) -> bytes:
        """The next bytes, some more than ``size`` where an escape would be cut.

        Raises:
            UserError: A value in them lies too deep.
        """
        found = piece = self._stream.read(size)
        while piece and found.endswith(b"\\"):
            piece = self._stream.read(1)
            found += piece
        plain = _ESCAPED.sub(b"", found) if b"\\" in found else found
        parts = plain.split(b'"')
        brackets = b"".join(parts[self._in_text :: 2]).translate(None, _NO_BRACKETS)
        self._in_text ^= len(parts) % 2 == 0
        if brackets:
            depths = self._depth + np.cumsum(_STEPS[np.frombuffer(brackets, np.uint8)], dtype=np.int64)
            self._depth = int(depths[-1])
            if depths.max() > DEEPEST:
                raise UserError(
                    f"{self._path}: lists or objects lie more than {DEEPEST} deep in each other",
                    fix="give annotations or results in YTVIS json",
                )
        return found

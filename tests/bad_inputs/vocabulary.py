"""Lists of class names."""

from collections.abc import Callable
from pathlib import Path

from tests.bad_inputs.case import BadInput, refusal
from uvis_core.io.vocabulary import read_vocabulary


def holding(content: bytes) -> Callable[[Path], str]:
    """Meets a vocabulary file of this content."""

    def meet(folder: Path) -> str:
        file = folder / "classes.txt"
        file.write_bytes(content)
        return refusal(read_vocabulary, file)

    return meet


CASES = [
    BadInput("an empty file", holding(b""), "refused", ("classes.txt", "fix:")),
]

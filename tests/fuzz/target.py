"""What the search is for: a reader, and the inputs that it is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis.strategies import SearchStrategy

GIB = 2**30


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: As ``AREAS`` lists it.
        file: Name of the file that an input becomes.
        inputs: Gives the contents of such files.
        read: Reads one; may raise UserError, which must be no MachineError, and checks what it has read.
        says: What every refusal names: the file, unless given.
        memory_bytes: Memory that reading may take, over what the process had before.
        cpu_s: Processor time that reading may take, of all threads.
    """

    name: str
    file: str
    inputs: Callable[[], SearchStrategy[bytes]]
    read: Callable[[Path], object]
    says: str | None = None
    memory_bytes: int = GIB
    cpu_s: float = 5.0

"""Numbers next to zero that a processor is slow with."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Take numbers below 1e-38 for zero on the CPU, in this thread and those that it starts.

    The far tails of softmax and what their gradients are multiplied with are full of them, and a processor takes many
    times as long for one: a tenth of a training step of the toy world.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)

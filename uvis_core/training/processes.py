"""One training on one or many processes, as ``torchrun`` starts them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed

from uvis_core.io.devices import pick_device


@dataclass(frozen=True)
class Processes:
    """This process among all that train together.

    Attributes:
        rank: This one, from 0.
        count: How many there are.
        device: What this one computes on.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes files."""
        return self.rank == 0

    def summed(self, values: torch.Tensor) -> torch.Tensor:
        """Sum over all processes, elementwise; ``values`` itself where there is one process."""
        if self.count > 1:
            values = values.clone()
            distributed.all_reduce(values)
        return values


@contextmanager
def joined_processes(device: str) -> Iterator[Processes]:
    """Join the others if ``torchrun`` started this process; each takes the GPU of its local rank.

    Args:
        device: As ``pick_device`` takes it.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(0, 1, pick_device(device))
        return
    picked = pick_device(device)
    if picked.type == "cuda":
        picked = pick_device(f"cuda:{os.environ['LOCAL_RANK']}")
        torch.cuda.set_device(picked)
    distributed.init_process_group("nccl" if picked.type == "cuda" else "gloo", timeout=timedelta(minutes=30))
    try:
        yield Processes(distributed.get_rank(), count, picked)
    finally:
        distributed.destroy_process_group()

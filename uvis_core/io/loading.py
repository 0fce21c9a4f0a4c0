"""Items of a data set, made in worker processes; what is wrong with one reaches the caller as the error it is."""

from collections.abc import Callable, Iterator
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol, TypeVar

import torch
from torch.multiprocessing.reductions import reduce_tensor
from torch.utils.data import DataLoader, Dataset

from uvis_core.io.errors import UserError

Item = TypeVar("Item", covariant=True)

LARGEST_SENT_BYTES = 2**20


class Items(Protocol[Item]):
    """What ``load_items`` asks of a data set."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Item: ...


class _ErrorsAsValues(Dataset[Any]):
    """The items of a data set, or the error in place of an item.

    A worker process cannot raise an error of two parts: torch makes it anew from its text alone.
    """

    def __init__(self, items: Items[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        try:
            return self.items[index]
        except UserError as error:
            return error


class _Collate:
    """Gathers items to a batch, or gives the first error among them."""

    def __init__(self, collate: Callable[[list[Any]], Any]) -> None:
        self.collate = collate

    def __call__(self, found: list[Any]) -> Any:
        error = next((item for item in found if isinstance(item, UserError)), None)
        return self.collate(found) if error is None else error


def _prepare_worker(_: int) -> None:
    torch.set_num_threads(1)
    ForkingPickler.register(torch.Tensor, _sent)


def _sent(tensor: torch.Tensor) -> tuple[Any, ...]:
    """How a tensor goes to the caller: a small one with the message, a large one in shared memory as torch has it.

    What is shared is handed over by a connection of its own, which takes some milliseconds.
    """
    if tensor.nbytes > LARGEST_SENT_BYTES:
        shared: tuple[Any, ...] = reduce_tensor(tensor)
        return shared
    return torch.from_numpy, (tensor.numpy(),)


def load_items(items: Items[Item], *, workers: int, prefetch: int = 2) -> Iterator[Item]:
    """Every item in order.

    Args:
        items: Indexed from 0; may raise ``UserError``.
        workers: Processes that make them ahead of their use; 0 makes them here.
        prefetch: Items that each worker makes ahead.

    Raises:
        UserError: At the first item that raised it.
    """
    yield from _checked(
        DataLoader(
            _ErrorsAsValues(items),
            batch_size=None,
            num_workers=workers,
            worker_init_fn=_prepare_worker,
            prefetch_factor=prefetch if workers else None,
        )
    )


def load_batches(
    items: Items[Any],
    batches: Any,
    collate: Callable[[list[Any]], Item],
    *,
    workers: int,
    prefetch: int = 2,
) -> Iterator[Item]:
    """Items gathered to batches, in order.

    Args:
        items: As ``load_items`` takes them.
        batches: Iterable of sequences of indices, with a length.
        collate: Makes a batch of the items of one sequence.
        workers: Processes that make items and batches.
        prefetch: Batches that each worker makes ahead.

    Raises:
        UserError: At the first batch with an item that raised it.
    """
    yield from _checked(
        DataLoader(
            _ErrorsAsValues(items),
            batch_sampler=batches,
            collate_fn=_Collate(collate),
            num_workers=workers,
            worker_init_fn=_prepare_worker,
            prefetch_factor=prefetch if workers else None,
        )
    )


def _checked(found: Any) -> Iterator[Any]:
    for item in found:
        if isinstance(item, UserError):
            raise item
        yield item

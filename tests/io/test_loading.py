import pytest
import torch

from uvis_core.io.errors import UserError
from uvis_core.io.loading import LARGEST_SENT_BYTES, load_batches, load_items


class Squares:
    """Squares of the first numbers; one of them may be bad."""

    def __init__(self, count: int, bad: int | None = None) -> None:
        self.count, self.bad = count, bad

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> int:
        if index == self.bad:
            raise UserError(f"{index}: is bad", fix="take another")
        return index * index


@pytest.mark.parametrize("workers", [0, 2])
def test_items_and_batches_come_in_order(workers: int) -> None:
    assert list(load_items(Squares(5), workers=workers)) == [0, 1, 4, 9, 16]
    assert list(load_batches(Squares(5), [[1, 0], [4, 2]], tuple, workers=workers)) == [(1, 0), (16, 4)]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_arrives_with_both_its_parts(workers: int) -> None:
    stream = load_items(Squares(5, bad=2), workers=workers)
    assert [next(stream), next(stream)] == [0, 1]
    with pytest.raises(UserError, match="2: is bad") as caught:
        next(stream)
    assert (caught.value.message, caught.value.fix) == ("2: is bad", "take another")
    batches = load_batches(Squares(5, bad=2), [[1, 0], [4, 2]], tuple, workers=workers)
    assert next(batches) == (1, 0)
    with pytest.raises(UserError, match="2: is bad"):
        next(batches)


class Rows:
    """Tensors of as many bytes as their places say."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self.sizes = sizes

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.full((self.sizes[index],), index, dtype=torch.uint8)


@pytest.mark.parametrize("workers", [0, 1])
def test_small_tensors_come_with_the_message_and_large_ones_in_shared_memory(workers: int) -> None:
    sizes = (0, 5, LARGEST_SENT_BYTES, LARGEST_SENT_BYTES + 1)
    arrived = list(load_items(Rows(sizes), workers=workers))
    for index, tensor in enumerate(arrived):
        assert torch.equal(tensor, Rows(sizes)[index])
    assert [tensor.is_shared() for tensor in arrived] == [False, False, False, workers > 0]

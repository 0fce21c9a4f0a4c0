"""What the throughput benchmark measures speed against: the device's best matrix product and copy, and what works cost.

Floating-point operations are those of torch's counter, two to a multiplication with its addition. Operators that it
does not know are counted by the formulas of ``FORMULAS``. What SciPy computes, the gradient of the rows that deformable
attention sums in training, is not counted. Bytes are what every operator reads and writes at least: its inputs and
outputs once, of a table only the rows that are chosen. What caches hold is read faster than memory is copied.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from uvis_core.config.base import Precision

Kind = Literal["dense", "attention", "sampling", "copies", "pointwise"]
NAMES: dict[Kind, re.Pattern[str]] = {
    "dense": re.compile(
        "mm|bmm|mv|dot|(linear|addmm|baddbmm|addmv|matmul|einsum|conv|slow_conv|cudnn_conv|mkldnn_"
        "|native_multi_head).*"
    ),
    "attention": re.compile("(scaled_dot_product|flash_attention|efficient_attention).*"),
    "sampling": re.compile(
        "nms|(grid_sampler|upsample|embedding_bag|WeightedRows|roi_align|gather|index|take|scatter"
        "|sparse_sampled|masked_select|nonzero|topk|sort).*"
    ),
    "copies": re.compile(
        "to|cat|pad|(copy|to_copy|clone|contiguous|stack|constant_pad|fill|zero|empty|resize|repeat|full"
        "|new_|arange).*"
    ),
}
"""The operators of each kind; all others are ``pointwise``: norms, activations, sums.

Attention is what one operator does whole; where it is made of matrix products and a softmax, these count as such.
"""


def kind_of(operator: str) -> Kind:
    """The kind of an operator, by its name with or without namespace and overload."""
    name = operator.split("::")[-1].removeprefix("aten.").split(".")[0].strip("_")
    return next((kind for kind, pattern in NAMES.items() if pattern.fullmatch(name)), "pointwise")


def clock(device: torch.device) -> Callable[[], float]:
    """Gives the time in seconds, all work done.

    On a CPU with one thread it is the CPU's, which others that compute beside do not lengthen.
    """
    if device.type == "cpu":
        return time.process_time if torch.get_num_threads() == 1 else time.perf_counter

    def finished() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return finished


def fewest_seconds(run: Callable[[], object], device: torch.device, seconds: float = 0.3) -> float:
    """Of the fastest call among at least three, repeated for so many seconds."""
    now = clock(device)
    run()
    began, best, calls = now(), float("inf"), 0
    while calls < 3 or now() - began < seconds:
        started = now()
        run()
        best, calls = min(best, now() - started), calls + 1
    return best


@dataclass(frozen=True)
class Limits:
    """What the device did at best, in this run and with its threads.

    Attributes:
        flops: Floating-point operations per second of the best square matrix product.
        bytes: Per second of a copy far larger than the caches, read and written.
    """

    flops: float
    bytes: float

    def least_seconds(self, flops: float, size_bytes: float) -> float:
        """What work takes at least."""
        return max(flops / self.flops, size_bytes / self.bytes)


def measure_limits(device: torch.device, precision: Precision) -> Limits:
    """Multiply and copy."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    sides, large = ((4096, 8192), 2**28) if device.type == "cuda" else ((1024, 2048), 2**26)
    flops = 0.0
    for side in sides:
        left, right = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
        product = torch.empty_like(left)

        def multiply(left: Tensor = left, right: Tensor = right, product: Tensor = product) -> None:
            torch.mm(left, right, out=product)

        flops = max(flops, 2 * side**3 / fewest_seconds(multiply, device))
    source = torch.ones(large, device=device)
    target = torch.zeros_like(source)
    copied = fewest_seconds(lambda: target.copy_(source), device)
    return Limits(flops, 2 * source.nbytes / copied)


def attention_flops(
    query: Sequence[int], key: Sequence[int], value: Sequence[int], *_: Any, **__: Any
) -> int:
    """Scores and weighted sums, shapes (B, heads, T, D)."""
    return 2 * prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def attention_backward_flops(
    _: Any, query: Sequence[int], key: Sequence[int], value: Sequence[int], *__: Any, **___: Any
) -> int:
    """The scores anew, and the gradients of scores, queries, keys and values: five products for the forward's two."""
    return 2 * prod(query[:-1]) * key[-2] * (3 * query[-1] + 2 * value[-1])


def self_attention_flops(
    query: Sequence[int], key: Sequence[int], value: Sequence[int], *_: Any, **__: Any
) -> int:
    """The three projections, attention and the projection of its output, query (B, T, D)."""
    return 8 * prod(query) * query[-1] + attention_flops(query, key, value)


def summed_rows_flops(rows: Sequence[int], index: Sequence[int], *_: Any, **__: Any) -> int:
    """A weighted sum of rows (R, D)."""
    return 2 * prod(index) * rows[-1]


def sampled_product_flops(pattern: Any, left: Any, *_: Any, **__: Any) -> int:
    """A product (M, D) x (D, N) at the places of a sparse matrix alone."""
    return 2 * pattern.values().numel() * left.shape[-1]


sampled_product_flops._get_raw = True  # type: ignore[attr-defined]  # the counter hands it tensors, not shapes
ATEN = torch.ops.aten
FORMULAS: dict[Any, Callable[..., int]] = {
    ATEN._scaled_dot_product_flash_attention_for_cpu: attention_flops,
    ATEN._scaled_dot_product_flash_attention_for_cpu_backward: attention_backward_flops,
    ATEN._native_multi_head_attention: self_attention_flops,
    ATEN._embedding_bag: summed_rows_flops,
    ATEN._embedding_bag_forward_only: summed_rows_flops,
    ATEN.sparse_sampled_addmm: sampled_product_flops,
}


@dataclass(frozen=True)
class Cost:
    """What a call takes, by kind of operator."""

    flops: Counter[Kind]
    bytes: Counter[Kind]


class CountedBytes(TorchDispatchMode):
    """Adds up what operators read and write."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: Counter[Kind] = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count one operator."""
        found = function(*args, **(kwargs or {}))
        name = function._schema.name
        read, written = (
            [leaf for leaf in tree_leaves(part) if _is_dense(leaf)] for part in ((args, kwargs), found)
        )
        places = {tensor.untyped_storage().data_ptr() for tensor in read}
        is_view = all(tensor.untyped_storage().data_ptr() in places for tensor in written)
        if not is_view or function._schema.is_mutable:
            if "embedding_bag" in name or name in ("aten::index", "aten::gather", "aten::index_select"):
                read = _without_table(name, read, written)
            self.bytes[kind_of(name)] += sum(map(_size, read)) + sum(map(_size, written))
        return found


def _without_table(name: str, read: list[Tensor], written: list[Tensor]) -> list[Tensor]:
    """The chosen rows in the place of the table that they are taken from, the first input."""
    table, index = read[:2]
    if "embedding_bag" in name:
        return [table[:1].expand(index.numel(), *table.shape[1:]), *read[1:]]
    return [written[0], *read[1:]]


def _is_dense(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.layout == torch.strided


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def cost_of(run: Callable[[], object]) -> Cost:
    """Call once, and count."""
    with FlopCounterMode(display=False, custom_mapping=FORMULAS) as counter, CountedBytes() as counted:
        run()
    flops: Counter[Kind] = Counter()
    for operator, count in counter.get_flop_counts().get("Global", {}).items():
        flops[kind_of(str(operator))] += count
    return Cost(flops, counted.bytes)

"""Where the time of a call goes, by kind of operator, and what share of the limit each kind reaches."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import torch
from throughput_limits import Cost, Limits, kind_of
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

REST = "rest"
"""Time in no operator: Python, other libraries, and on a GPU what it waits for."""


@dataclass(frozen=True)
class KindShare:
    """One line of a profile.

    Attributes:
        kind: Of operators; ``REST``; or ``all``.
        time: Share of the time of the call.
        flops: Floating-point operations over this time, as a share of the best matrix product's.
        bytes: Bytes over this time, as a share of the copy's; above 1 where caches serve.
    """

    kind: str
    time: float
    flops: float
    bytes: float


def time_shares(run: Callable[[], object], device: torch.device) -> Counter[str]:
    """Shares of the time of one call by kind of operator, from torch's profiler."""
    on_gpu = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with profile(activities=activities, acc_events=True) as profiled:
        started = time.perf_counter()
        run()
        if on_gpu:
            torch.cuda.synchronize(device)
        whole_us = 1e6 * (time.perf_counter() - started)
    shares: Counter[str] = Counter()
    for event in profiled.key_averages():
        # Kernels are listed beside the operators that started them, and autograd's nodes around theirs.
        is_operator = "::" in event.key or event.key.startswith("WeightedRows")
        if event.device_type == DeviceType.CPU and is_operator and not event.key.startswith("autograd::"):
            own_us = event.self_device_time_total if on_gpu else event.self_cpu_time_total
            shares[kind_of(event.key)] += own_us / whole_us
    shares[REST] = max(0.0, 1 - sum(shares.values()))
    return shares


def profile_call(
    run: Callable[[], object], cost: Cost, limits: Limits, seconds: float, device: torch.device
) -> list[KindShare]:
    """Profile a call; the kind that takes most comes first, all kinds together last.

    Args:
        run: What is called.
        cost: Of a call.
        limits: Of the device.
        seconds: Of a call without the profiler, which lengthens it.
        device: Where it computes.
    """

    def line(kind: str, share: float, flops: float, size_bytes: float) -> KindShare:
        spent = max(share * seconds, 1e-9)
        return KindShare(kind, share, flops / spent / limits.flops, size_bytes / spent / limits.bytes)

    lines = [
        line(kind, share, cost.flops[kind], cost.bytes[kind])
        for kind, share in time_shares(run, device).most_common()
    ]
    return [*lines, line("all", 1.0, cost.flops.total(), cost.bytes.total())]


def profile_table(lines: list[KindShare]) -> str:
    """Lines as a Markdown table."""
    rows = [f"| {line.kind} | {line.time:.0%} | {line.flops:.0%} | {line.bytes:.0%} |" for line in lines]
    head = "| operators | time | of the best matrix product | of the copy |\n|---|---|---|---|"
    return "\n".join([head, *rows])

"""Items per second, share of the machine's limit and peak memory of masks, crops, training and tracks, on one device.

Weights are random. They decide no speed but the detector's, whose work grows with what it finds. Frames are drawn in
memory, so decoding is not counted. The limit is the best matrix product that the device does in the same run, with the
same threads and precision: floating-point operations of the work over its time, divided by those of the product.

    python benchmarks/throughput.py --device cuda --output throughput.json
    python benchmarks/throughput.py --device cpu --threads 1 --profile
    python benchmarks/throughput.py --device cpu --quick
"""

import argparse
import gc
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

import torch
from throughput_limits import Limits, clock, cost_of, measure_limits
from throughput_profile import KindShare, profile_call, profile_table
from throughput_work import ON_CPU, PARTS, QUICK, Case, Sizes, cases_of

from uvis_core.config.base import Precision
from uvis_core.io.atomic import write_json
from uvis_core.io.devices import pick_device
from uvis_core.jobs import library_versions


@dataclass(frozen=True)
class Row:
    """One line of the table; figures are None where the device's memory did not suffice.

    Attributes:
        gflop: 10^9 floating-point operations per unit.
        limit: Share of the best matrix product that they are done at.
        limits: Of the device, measured right before.
        profile: Where the time goes, where it is asked for.
    """

    part: str
    model: str
    precision: str
    batch: int
    unit: str
    limits: Limits
    per_second: float | None = None
    gflop: float | None = None
    limit: float | None = None
    peak_mb: float | None = None
    profile: list[KindShare] | None = None


def peak_mb(device: torch.device) -> float:
    """Most memory held since the last ``forget_peak``, in MB: of the GPU, or of this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1024**2
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    # Where the kernel keeps no resettable mark, the peak is that of the whole run so far.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "darwin" else 1024
    )


def forget_peak(device: torch.device) -> None:
    """Begin a new peak."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    elif Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")


def seconds_per_call(run: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Mean over so many seconds."""
    now = clock(device)
    started, calls = now(), 0
    while True:
        run()
        calls += 1
        elapsed = now() - started
        if elapsed >= seconds:
            return elapsed / calls


def measured(
    run: Callable[[], object],
    items: int,
    limits: Limits,
    device: torch.device,
    seconds: float,
    profiled: bool,
) -> dict[str, Any]:
    """The figures of a row."""
    # The first call, which does not count for time, is the one that operations are counted in.
    cost = cost_of(run)
    forget_peak(device)
    spent = seconds_per_call(run, device, seconds)
    flops = cost.flops.total()
    return {
        "per_second": items / spent,
        "peak_mb": round(peak_mb(device)),
        "gflop": flops / items / 1e9,
        "limit": flops / spent / limits.flops,
        "profile": profile_call(run, cost, limits, spent, device) if profiled else None,
    }


def rows_of(
    case: Case, precisions: Sequence[Precision], device: torch.device, seconds: float, profiled: bool
) -> Iterator[Row]:
    """Measure a case."""
    for precision in (name for name in case.precisions if name in precisions):
        work = case.build(precision)
        for batch in case.batches:
            limits = measure_limits(device, precision)
            row = Row(case.part, case.model, precision, batch, case.unit, limits)
            forget_peak(device)
            try:
                run, items = work(batch), case.items or batch
                row = replace(row, **measured(run, items, limits, device, seconds, profiled))
            except torch.OutOfMemoryError:
                pass
            yield row
        del work


def line(row: Row) -> str:
    """A row of the printed table."""
    name = f"| {row.part} | {row.model} | {row.precision} | {row.batch} |"
    if row.per_second is None:
        return f"{name} out of memory | | | |"
    speed = f"{row.per_second:.2f} {row.unit}/s"
    return f"{name} {speed} | {row.gflop:.1f} | {row.limit:.0%} | {row.peak_mb} |"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--threads", type=int, metavar="N", help="of the CPU (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, a check of about a minute on a CPU"
    )
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument(
        "--precision", nargs="+", choices=get_args(Precision), default=get_args(Precision), help="one alone"
    )
    parser.add_argument(
        "--profile", action="store_true", help="print where the time goes, by kind of operator"
    )
    parser.add_argument("--output", metavar="FILE", help="write the rows as JSON too")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = pick_device(arguments.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    torch.manual_seed(0)
    sizes = QUICK if arguments.quick else Sizes() if device.type == "cuda" else ON_CPU
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"CPU, {torch.get_num_threads()} threads"
    )
    print(
        f"{name}; frames of {sizes.video_px[0]} x {sizes.video_px[1]}, MinVIS at short side {sizes.short_side_px}"
    )
    print("| part | model | precision | batch | speed | GFLOP each | of the limit | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for case in cases_of(sizes, device):
        if case.part not in arguments.only:
            continue
        for row in rows_of(case, arguments.precision, device, sizes.seconds, arguments.profile):
            print(line(row), flush=True)
            rows.append(row)
    for row in rows:
        if row.profile:
            print(
                f"\n{row.part}, {row.model}, {row.precision}, batch {row.batch}\n\n{profile_table(row.profile)}"
            )
    for precision in arguments.precision:
        found = [row.limits for row in rows if row.precision == precision]
        if found:
            flops, copied = (max(getattr(one, name) for one in found) for name in ("flops", "bytes"))
            print(f"\nbest product in {precision} {flops / 1e9:.1f} GFLOP/s, copy {copied / 1e9:.1f} GB/s")
    if arguments.output:
        about = {
            "device": name,
            "quick": arguments.quick,
            "versions": library_versions(),
            "sizes": asdict(sizes),
        }
        write_json(arguments.output, {**about, "rows": [asdict(row) for row in rows]}, indent=1)


if __name__ == "__main__":
    main()

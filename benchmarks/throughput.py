"""Items per second and peak memory of masks, crops, training and tracks at the published sizes, on one device.

Weights are random. They decide no speed but the detector's, whose work grows with what it finds. Frames are drawn in
memory, so decoding is not counted.

    python benchmarks/throughput.py --device cuda --output throughput.json
    python benchmarks/throughput.py --device cpu --quick
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import torch
from throughput_work import QUICK, Sizes, Work, crops_work, masks_work, tracks_work, training_work

from uvis_core.config.base import Precision
from uvis_core.io.atomic import write_json
from uvis_core.io.devices import pick_device
from uvis_core.jobs import library_versions


@dataclass(frozen=True)
class Row:
    """One line of the table; figures are None where the device's memory did not suffice."""

    part: str
    model: str
    precision: str
    batch: int
    unit: str
    per_second: float | None
    peak_mb: float | None


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


def per_second(run: Callable[[], object], items: int, device: torch.device, seconds: float) -> float:
    """Items per second, after one call that does not count."""

    def finished() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    run()
    started, calls = finished(), 0
    while True:
        run()
        calls += 1
        elapsed = finished() - started
        if elapsed >= seconds:
            return calls * items / elapsed


@dataclass(frozen=True)
class Case:
    """One model, measured in every precision and batch size.

    Attributes:
        items: Units per call; the batch itself where None.
    """

    part: str
    model: str
    unit: str
    batches: tuple[int, ...]
    build: Callable[[Precision], Work]
    items: int | None = None


def cases_of(sizes: Sizes, device: torch.device) -> list[Case]:
    """All that is measured, part by part."""
    minvis = "MinVIS R50"
    return [
        Case("masks", "CutLER R50", "frames", sizes.masks, partial(masks_work, sizes, device)),
        *(
            Case("crops", model, "crops", batches, partial(crops_work, model, device))
            for model, batches in sizes.clips
        ),
        Case("training", minvis, "steps", sizes.training, partial(training_work, sizes, device), 1),
        Case("tracks", minvis, "frames", sizes.tracks, partial(tracks_work, sizes, device), sizes.frames),
    ]


def rows_of(case: Case, device: torch.device, seconds: float) -> Iterator[Row]:
    """Measure a case."""
    for precision in get_args(Precision):
        work = case.build(precision)
        for batch in case.batches:
            forget_peak(device)
            rate = peak = None
            try:
                rate = round(per_second(work(batch), case.items or batch, device, seconds), 2)
                peak = round(peak_mb(device))
            except torch.OutOfMemoryError:
                pass
            yield Row(case.part, case.model, precision, batch, case.unit, rate, peak)
        del work


def line(row: Row) -> str:
    """A row of the printed table."""
    rate = f"{row.per_second:.2f} {row.unit}/s" if row.per_second is not None else "out of memory"
    peak = f"{row.peak_mb:.0f}" if row.peak_mb is not None else ""
    return f"| {row.part} | {row.model} | {row.precision} | {row.batch} | {rate} | {peak} |"


def main() -> None:
    """Measure what the command line asks for."""
    names = ["masks", "crops", "training", "tracks"]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, a check of about a minute on a CPU"
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="PART", help=", ".join(names)
    )
    parser.add_argument("--output", metavar="FILE", help="write the rows as JSON too")
    arguments = parser.parse_args()
    device = pick_device(arguments.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    torch.manual_seed(0)
    sizes = QUICK if arguments.quick else Sizes()
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"CPU, {torch.get_num_threads()} threads"
    )
    print(
        f"{name}; frames of {sizes.video_px[0]} x {sizes.video_px[1]}, MinVIS at short side {sizes.short_side_px}"
    )
    print("| part | model | precision | batch | speed | peak MB |\n|---|---|---|---|---|---|")
    rows = []
    for case in cases_of(sizes, device):
        if case.part not in arguments.only:
            continue
        for row in rows_of(case, device, sizes.seconds):
            print(line(row), flush=True)
            rows.append(asdict(row))
    if arguments.output:
        about = {
            "device": name,
            "quick": arguments.quick,
            "versions": library_versions(),
            "sizes": asdict(sizes),
        }
        write_json(arguments.output, {**about, "rows": rows}, indent=1)


if __name__ == "__main__":
    main()

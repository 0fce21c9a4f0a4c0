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

from uvis_core.config.base import Precision
from uvis_core.config.masks import DetectorModel
from uvis_core.config.tracks import TracksSettings
from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.crops.model import build_clip, encode_images
from uvis_core.io.atomic import write_json
from uvis_core.io.devices import autocast, pick_device
from uvis_core.jobs import library_versions
from uvis_core.masks.detect import detect
from uvis_core.masks.model import build_detector
from uvis_core.model.images import padded_size
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.tracks.inference import track_video
from uvis_core.training.dataset import Batch, Sample
from uvis_core.training.loop import train_step
from uvis_core.training.optimiser import make_optimiser
from uvis_core.training.processes import Processes

CLASSES = range(1, 41)
INSTANCES = 3
Work = Callable[[int], Callable[[], object]]


@dataclass(frozen=True)
class Sizes:
    """What is measured.

    Attributes:
        detector_px: Height and width of the frames that the detector sees.
        proposals: Of the detector.
        video_px: Height and width of the videos.
        short_side_px: Of the frames that MinVIS sees.
        points: Per mask in the training losses.
        frames: Of the tracked video.
        clips: CLIP models and their batch sizes.
        masks: Batch sizes of the detector.
        training: Frames per step.
        tracks: Frames per window.
        seconds: So long is each case repeated at least.
    """

    detector_px: tuple[int, int] = (750, 1333)
    proposals: int = 1000
    video_px: tuple[int, int] = (720, 1280)
    short_side_px: int = 360
    points: int = 12544
    frames: int = 64
    clips: tuple[tuple[str, tuple[int, ...]], ...] = (
        ("ViT-B-32", (64, 256, 1024)),
        ("ViT-bigG-14", (16, 64, 256)),
    )
    masks: tuple[int, ...] = (1, 4, 16)
    training: tuple[int, ...] = (2, 8, 32)
    tracks: tuple[int, ...] = (1, 8, 32)
    seconds: float = 5.0


QUICK = Sizes(
    detector_px=(128, 224),
    proposals=100,
    video_px=(120, 214),
    short_side_px=96,
    points=256,
    frames=4,
    clips=(("ViT-B-32", (2, 8)),),
    masks=(1, 2),
    training=(1, 2),
    tracks=(1, 4),
    seconds=0.2,
)


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


def frame_size(sizes: Sizes) -> tuple[int, int]:
    """Height and width of MinVIS's frames."""
    height, width = sizes.video_px
    return sizes.short_side_px, round(width * sizes.short_side_px / height)


def noise(*shape: int) -> torch.Tensor:
    """Random uint8 pixels."""
    return torch.randint(0, 256, shape, dtype=torch.uint8)


def masks_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """The detector over a batch of frames, masks pasted and run-length encoded."""
    detector = build_detector(DetectorModel(proposals=sizes.proposals), score_floor=0.1)
    detector = detector.eval().to(memory_format=torch.channels_last).to(device)

    def work(batch: int) -> Callable[[], object]:
        images = noise(batch, 3, *sizes.detector_px)
        return lambda: detect(detector, images, sizes.video_px, device, precision)

    return work


def crops_work(model: str, device: torch.device, precision: Precision) -> Work:
    """CLIP's image tower over a batch of prepared crops."""
    clip = build_clip(model, precision=precision)
    clip.model.visual.to(device)

    def work(batch: int) -> Callable[[], object]:
        crops = torch.rand(batch, 3, 224, 224)

        @torch.inference_mode()
        def run() -> object:
            with autocast(device, precision):
                return encode_images(clip, crops.to(device)).cpu()

        return run

    return work


def training_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """One optimiser step of the MinVIS R50 recipe on a frozen backbone."""
    settings = TrainingSettings(
        precision=precision, loss=LossSettings(points=sizes.points), backbone="random"
    )
    model = placed(MinVIS(settings.model, CLASSES), device).train()
    optimiser = make_optimiser(model, settings)
    height, width = frame_size(sizes)
    masks = torch.zeros(INSTANCES, height, width, dtype=torch.uint8)
    for place in range(INSTANCES):
        masks[place, place * 20 : place * 20 + height // 2, : width // (place + 2)] = 1

    def work(batch: int) -> Callable[[], object]:
        samples = [
            Sample(place, "random", noise(3, height, width), masks, torch.arange(INSTANCES))
            for place in range(batch)
        ]
        whole = Batch(0, samples, padded_size([(height, width)]))
        processes = Processes(0, 1, device)
        return lambda: train_step(model, model, optimiser, whole, settings, 0, processes)

    return work


def tracks_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """MinVIS over a video, with the tracking memory and the final masks of the ten best tracks."""
    settings = TracksSettings(precision=precision, short_side_px=sizes.short_side_px)
    model = placed(MinVIS(TrainingSettings().model, CLASSES), device)
    frames = noise(sizes.frames, 3, *frame_size(sizes))
    return lambda batch: lambda: track_video(model, frames.split(batch), sizes.video_px, settings)


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

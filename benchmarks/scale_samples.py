"""The samples part of the scale benchmark: tables are made up and gathered; many processes read the one file."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.config.training import TrainingSettings
from uvis_core.io.rle import decode_masks, encode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import KEPT, LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import write_table
from uvis_core.labels.samples import gather_samples
from uvis_core.training.dataset import FrameSamples, StepIndices
from uvis_core.training.samples import LabelledFrames

CLASSES = {number: f"class {number}" for number in range(1, 41)}
SHAPES = 500
KEPT_SHARE = 0.8
SCATTER = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that the products of all numbers with it differ: mask ids in no order."""


@dataclass(frozen=True)
class Sizes:
    """What is made up.

    Attributes:
        videos: Of the split.
        frames: Of each video.
        labels: Kept ones, in all videos together.
        shards: Of the split.
        processes: That read the samples at the same time.
        batches: That each of them draws.
        batch_size: Frames of a batch over all processes.
        height_px: Of the frames.
        width_px: Of the frames.
    """

    videos: int
    frames: int
    labels: int
    shards: int
    processes: int
    batches: int
    batch_size: int = 32
    height_px: int = 720
    width_px: int = 1280


@dataclass(frozen=True)
class Usage:
    """What a piece of work took."""

    seconds: float
    computed_seconds: float
    before_mb: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:.1f} s ({self.computed_seconds:.1f} s of CPU time); the process held {self.peak_mb:,.0f} "
            f"MB at most, {self.before_mb:,.0f} MB before"
        )


def used(work: Callable[[], object]) -> Usage:
    """Do some work in this process and say what it took."""
    Path("/proc/self/clear_refs").write_text("5")  # begins a new peak
    status = Path("/proc/self/status")
    before = _kilobytes(status.read_text(), "VmHWM") / 1024
    started, computed = time.perf_counter(), time.process_time()
    work()
    seconds, computed = time.perf_counter() - started, time.process_time() - computed
    return Usage(seconds, computed, before, _kilobytes(status.read_text(), "VmHWM") / 1024)


def made_shapes(height_px: int, width_px: int) -> list[str]:
    """Run lengths of ellipses of many sizes: what all masks are drawn from."""
    random = np.random.default_rng(0)
    y, x = np.ogrid[:height_px, :width_px]
    texts = []
    for _ in range(SHAPES):
        centre = random.uniform(0, 1, 2) * (height_px, width_px)
        radii = random.uniform(0.04, 0.3, 2) * height_px + 2
        inside = ((y - centre[0]) / radii[0]) ** 2 + ((x - centre[1]) / radii[1]) ** 2 < 1
        texts += encode_masks(inside[None])
    return texts


def write_shard(folder: Path, shard: int, sizes: Sizes, texts: pa.Array) -> None:
    """Frames, masks and labels of the shard's videos; four of five masks became labels."""
    random = np.random.default_rng([1, shard])
    numbers = np.arange(shard, sizes.videos, sizes.shards)
    names = pa.array([f"video-{number:07d}" for number in numbers])
    videos = np.repeat(np.arange(len(numbers)), sizes.frames)
    places = np.tile(np.arange(sizes.frames, dtype=np.int32), len(numbers))
    of_frames = names.take(pa.array(videos))
    images = pc.binary_join_element_wise(
        "results/scale/images/train/", of_frames, "/", pc.cast(pa.array(places), pa.string()), ".jpg", ""
    )
    size = {"height_px": sizes.height_px, "width_px": sizes.width_px}
    write_table(
        folder / f"frames-{shard}.parquet",
        FRAMES,
        {
            "video_id": of_frames,
            "frame_index": places,
            "path": images,
            **{name: np.full(len(places), value, np.int32) for name, value in size.items()},
            "timestamp_s": places / 25,
        },
    )
    share = sizes.labels * (shard + 1) // sizes.shards - sizes.labels * shard // sizes.shards
    count = round(share / KEPT_SHARE) if len(places) else 0
    frames = np.sort(random.integers(0, max(len(places), 1), count))
    kept = np.zeros(count, dtype=bool)
    kept[random.permutation(count)[:share]] = True
    first = shard * (round(sizes.labels / KEPT_SHARE) // sizes.shards + 2)
    key = {
        "mask_id": (np.arange(first, first + count, dtype=np.uint64) * SCATTER).view(np.int64),
        "video_id": of_frames.take(pa.array(frames)),
        "frame_index": places[frames],
    }
    scores = {
        name: random.uniform(0.7, 1, count).astype(np.float32)
        for name in ("objectness", "class_score", "similarity")
    }
    write_table(
        folder / f"masks-{shard}.parquet",
        MASKS,
        {
            **key,
            "rle_counts": texts.take(pa.array(random.integers(0, len(texts), count))),
            **{name: np.full(count, value, np.int32) for name, value in size.items()},
            "box_xyxy_px": pa.FixedSizeListArray.from_arrays(
                pa.array(np.zeros(4 * count, np.float32)), type=MASKS.columns.field("box_xyxy_px").type
            ),
            "area_px": np.ones(count, np.int64),
            "objectness": scores["objectness"],
        },
    )
    write_table(
        folder / f"labels-{shard}.parquet",
        LABELS,
        {
            **key,
            "class_id": random.integers(1, len(CLASSES) + 1, count).astype(np.int32),
            **scores,
            "kept": kept,
            "reason": pa.array([KEPT, "similarity"]).take(pa.array((~kept).astype(np.int8))),
        },
    )


def gather(folder: Path, shards: int) -> Usage:
    """Build the samples file in this process."""
    tables = [
        [folder / f"{name}-{shard}.parquet" for shard in range(shards)]
        for name in ("labels", "masks", "frames")
    ]
    return used(lambda: gather_samples(folder / "train.arrow", *tables, CLASSES))


def own_mb() -> float:
    """Memory that is this process's alone: pages that belong to no file."""
    return _kilobytes(Path("/proc/self/smaps_rollup").read_text(), "Anonymous") / 1024


def mapped_mb(path: Path, field: str) -> float:
    """A figure of the kernel about the pages of a file in this process."""
    entries = Path("/proc/self/smaps").read_text().split("VmFlags:")
    return sum(_kilobytes(entry, field) for entry in entries if str(path) in entry) / 1024


def _kilobytes(entry: str, field: str) -> int:
    return sum(int(line.split()[1]) for line in entry.splitlines() if line.startswith(f"{field}:"))


def draw(rank: int, folder: Path, sizes: Sizes, meeting: Any, found: Any) -> None:
    """Draw this process's share of all batches, masks decoded; images are not read, since there are none."""
    own_before = own_mb()
    started = time.perf_counter()
    frames = LabelledFrames(folder / "train.arrow")
    opened = time.perf_counter() - started
    own_open = own_mb()
    settings = TrainingSettings(steps=sizes.batches, batch_size=sizes.batch_size, backbone="none")
    samples = FrameSamples(frames, settings, seed=0)
    labels = 0
    started = time.perf_counter()
    for indices in StepIndices(range(sizes.batches), sizes.batch_size, rank=rank, processes=sizes.processes):
        for index in indices:
            frame, _ = samples.drawn(index)
            labels += len(decode_masks(frame.rle_counts, *frame.size))
    seconds = time.perf_counter() - started
    meeting.wait()  # Only now do all processes hold the pages that they read.
    figures = {
        "open_seconds": opened,
        "draw_seconds": seconds,
        "labels_drawn": labels,
        "own_before_mb": own_before,
        "own_open_mb": own_open - own_before,
        "own_drawn_mb": own_mb() - own_before,
        **{f"{field}_mb": mapped_mb(frames.path, field) for field in ("Rss", "Pss", "Private_Dirty")},
    }
    meeting.wait()
    found.put(figures)


def measure_samples(folder: Path, sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Make tables up, gather them, and read the samples from many processes; rows of a table."""
    texts = pa.array(made_shapes(sizes.height_px, sizes.width_px))
    for shard in range(sizes.shards):
        write_shard(folder, shard, sizes, texts)
    tables_mb = sum(path.stat().st_size for path in folder.glob("*.parquet")) / 1e6
    yield (
        "made up",
        f"{sizes.videos:,} videos, {sizes.videos * sizes.frames:,} frames, {sizes.labels:,} labels on "
        f"{sizes.height_px} x {sizes.width_px} px in {sizes.shards} shards; {tables_mb:,.0f} MB of tables",
    )
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        built = pool.apply(partial(gather, folder, sizes.shards))
    file_mb = (folder / "train.arrow").stat().st_size / 1e6
    yield "building the samples file", f"{built}; the file has {file_mb:,.0f} MB"
    meeting, found = context.Barrier(sizes.processes), context.Queue()
    readers = [
        context.Process(target=draw, args=(rank, folder, sizes, meeting, found))
        for rank in range(sizes.processes)
    ]
    for reader in readers:
        reader.start()
    figures = [found.get() for _ in readers]
    for reader in readers:
        reader.join()
    most = {name: max(entry[name] for entry in figures) for name in figures[0]}
    yield f"opening it in {sizes.processes} processes at once", f"{most['open_seconds']:.2f} s"
    yield (
        f"drawing {sizes.batches:,} batches of {sizes.batch_size}, masks decoded, no images read",
        f"{most['draw_seconds']:.1f} s; {sum(entry['labels_drawn'] for entry in figures):,} labels",
    )
    yield (
        "a process's own memory",
        f"+{most['own_open_mb']:.1f} MB by opening, +{most['own_drawn_mb']:.1f} MB after drawing, on top of "
        f"{most['own_before_mb']:,.0f} MB of libraries",
    )
    yield (
        "its pages of the file",
        f"{most['Rss_mb']:,.0f} MB, of which its part is {most['Pss_mb']:,.0f} MB since they are shared; "
        f"{most['Private_Dirty_mb']:.0f} MB are a copy of its own",
    )

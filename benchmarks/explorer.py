"""What the explorer answers in how long, at a million labels and at ten: made-up tables in a temporary folder.

Prints Markdown. Times are those of one processor at work, which is what a machine with nothing else to do takes. Ten
million labels take some 2 GB of disk.

    python benchmarks/explorer.py
    python benchmarks/explorer.py --labels 100000
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.distributions import histograms
from uvis_core.explorer.rows import Rows, read_rows
from uvis_core.explorer.run import SplitTables
from uvis_core.explorer.search import Filter, chosen_rows, page_of, sort_values
from uvis_core.explorer.verdicts import VerdictCounts, nearest
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.tables import fixed_lists, write_table

CLASSES = 40
SHARDS = 16
FRAMES, PER_FRAME = 25, 4
REPEATS = 5
SCATTER = np.uint64(0x9E3779B97F4A7C15)


def write_shard(folder: Path, shard: int, count: int) -> None:
    """Masks, crops and similarities of some videos with scores as they are often spread."""
    random = np.random.default_rng(shard)
    place = np.arange(count)
    videos = pa.array(
        [f"video-{shard:02d}-{number:07d}" for number in range(count // (FRAMES * PER_FRAME) + 1)]
    )
    key = {
        "mask_id": ((place + shard * 10**9).astype(np.uint64) * SCATTER >> np.uint64(1)).view(np.int64),
        "video_id": videos.take(pa.array(place // (FRAMES * PER_FRAME))),
        "frame_index": (place // PER_FRAME % FRAMES).astype(np.int32),
    }
    classes = random.integers(1, CLASSES + 1, count).astype(np.int32)
    objectness, class_score, similarity = (
        random.beta(a, b, count).astype(np.float32) for a, b in ((2, 2), (1, 1), (4, 2))
    )
    masks = {
        **key,
        "rle_counts": pa.array(["0"]).take(pa.array(np.zeros(count, np.int8))),
        "height_px": np.full(count, 720, np.int32),
        "width_px": np.full(count, 1280, np.int32),
        "box_xyxy_px": fixed_lists(np.zeros((count, 4), np.float32), pa.float32()),
        "area_px": random.integers(1, 720 * 1280, count),
        "objectness": objectness,
    }
    one = np.arange(count + 1, dtype=np.int32)
    lists = {
        name: pa.ListArray.from_arrays(one, pa.array(values), type=CROPS.columns.field(name).type)
        for name, values in (
            ("top_class_ids", classes),
            ("top_logits", class_score),
            ("top_cosines", class_score),
        )
    }
    crops = {**key, "class_id": classes, "class_score": class_score, "cosine": class_score, **lists}
    crops["embedding"] = fixed_lists(np.zeros((count, 1), np.float16), pa.float16())
    similarities = {"mask_id": key["mask_id"], "class_id": classes, "similarity": similarity}
    similarities["prototype_id"] = np.zeros(count, np.int32)
    for schema, columns in ((MASKS, masks), (CROPS, crops), (SIMILARITIES, similarities)):
        write_table(folder / f"{schema.name}-{shard}.parquet", schema, columns)


def timed(work: Callable[[int], object]) -> str:
    """Median and longest of some calls, each with another number so that nothing is known from before."""
    seconds = []
    for number in range(REPEATS):
        started = time.process_time()
        work(number)
        seconds.append(time.process_time() - started)
    return f"{1000 * np.median(seconds):,.0f} ms ({1000 * max(seconds):,.0f})"


def measure(folder: Path, labels: int) -> Iterator[tuple[str, str]]:
    """Rows of a table."""
    for shard in range(SHARDS):
        write_shard(folder, shard, labels // SHARDS)
    paths = {
        schema.name: [folder / f"{schema.name}-{shard}.parquet" for shard in range(SHARDS)]
        for schema in (MASKS, CROPS, SIMILARITIES)
    }
    stages = {"masks": paths["masks"], "crops": paths["crops"], "prototypes": paths["similarities"]}
    split = SplitTables("train", stages, {}, {}, None)
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.process_time()
    rows = read_rows(split, list(range(1, CLASSES + 1)))
    yield "reading the tables, once", f"{time.process_time() - started:,.1f} s"
    held = sum(values.nbytes for values in vars(rows).values() if isinstance(values, np.ndarray))
    held += sum(values.nbytes for values in rows.scores.values())
    yield (
        "memory: columns held; growth of the process",
        f"{held / 1e6:,.0f} MB; {(process.memory_info().rss - before) / 1e6:,.0f} MB",
    )
    started = time.process_time()
    histograms(rows)
    yield "histograms of all classes, once", f"{1000 * (time.process_time() - started):,.0f} ms"
    yield from _latencies(rows)


def _latencies(rows: Rows) -> Iterator[tuple[str, str]]:
    counts = VerdictCounts(rows)

    def thresholds(number: int) -> LabelsSettings:
        return LabelsSettings(objectness=0.3, class_score=0.3, similarity=0.5 + number / 100)

    def gallery(wanted: Filter, number: int) -> None:
        some = chosen_rows(rows, wanted, thresholds(number), {})
        page_of(sort_values(rows, some, "similarity", None, None), True, 24 * number, 24)

    yield (
        "counts by class and verdict, τ of all classes moved",
        timed(lambda number: counts.count(thresholds(number), {})),
    )
    yield (
        "the same, τ of one class moved",
        timed(lambda number: counts.count(thresholds(0), {7: {"similarity": number / 7}})),
    )
    yield (
        "8 labels above and 8 below τ, of every class",
        timed(
            lambda number: [
                nearest(rows, place, "similarity", thresholds(number), {}, 8) for place in range(CLASSES)
            ]
        ),
    )
    yield (
        "the same of one class",
        timed(lambda number: nearest(rows, 3, "similarity", thresholds(number), {}, 8)),
    )
    yield "a page of the gallery, all labels sorted", timed(lambda number: gallery(Filter(), number))
    yield (
        "the same, of one class and kept",
        timed(lambda number: gallery(Filter(classes=(3,), verdicts=("kept",)), number)),
    )
    rows.by_video  # noqa: B018 - made when it is first asked for
    yield "the same, of one video", timed(lambda number: gallery(Filter(video=number), number))


def main(arguments: argparse.Namespace) -> None:
    """Measure all sizes and print one table."""
    columns = []
    for labels in arguments.labels:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            columns.append(dict(measure(Path(name), labels)))
    print(
        f"| median (longest) of {REPEATS} | {' | '.join(f'{labels:,} labels' for labels in arguments.labels)} |"
    )
    print(f"|---|{'---|' * len(columns)}")
    for what in columns[0]:
        print(f"| {what} | {' | '.join(column[what] for column in columns)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--labels", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N", help="sizes"
    )
    parser.add_argument("--folder", metavar="FOLDER", help="where the temporary folder is made")
    main(parser.parse_args())

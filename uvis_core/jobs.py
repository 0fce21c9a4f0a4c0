"""What every script does around its one function: log header, clear errors, progress, resource use.

Nothing here changes a result, so the code digest of the stages leaves this module out.
"""

import argparse
import importlib.metadata
import logging
import os
import platform
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from uvis_core.io.atomic import check_output, read_json_object, write_json
from uvis_core.io.errors import UserError, printable

LIBRARIES = (
    "numpy",
    "pyarrow",
    "torch",
    "torchvision",
    "transformers",
    "detectron2",
    "open-clip-torch",
    "faiss-gpu",
)
ALTERNATIVE_NAMES = {"detectron2": "sal-detectron2", "faiss-gpu": "faiss-cpu"}

SHARD = "{shard}"

log = logging.getLogger("uvis")
Item = TypeVar("Item")


def library_versions() -> dict[str, str]:
    """Installed versions of the libraries that can change a result."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        for candidate in (name, ALTERNATIVE_NAMES.get(name, name)):
            try:
                versions[name] = importlib.metadata.version(candidate)
                break
            except importlib.metadata.PackageNotFoundError:
                continue
    return versions


def add_runtime(parser: argparse.ArgumentParser, *, batch_size: int | None = None) -> None:
    """Give the parser the flags that change speed but no result."""
    group = parser.add_argument_group("runtime (changes no result)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    group.add_argument(
        "--device-memory",
        metavar="FILE",
        help="where to note the largest memory on the GPU, if one was used (JSON)",
    )
    group.add_argument("--workers", type=int, default=1, help="worker processes for decoding (default: 1)")
    if batch_size is not None:
        group.add_argument(
            "--batch-size", type=int, default=batch_size, help=f"items at a time (default: {batch_size})"
        )


def progress(items: Iterable[Item], *, total: int | None = None, unit: str, name: str) -> Iterator[Item]:
    """Show a bar with rate and time left while the items pass through; sparse lines where there is no terminal."""
    interval = 0.5 if sys.stderr.isatty() else 10.0
    yield from tqdm(items, total=total, unit=unit, desc=name, mininterval=interval, dynamic_ncols=True)


def shard_files(values: Iterable[str]) -> list[str]:
    """Replace each ``PLAN:PATTERN`` by one file per shard of the plan; other values stay.

    A command line that named every shard's files would outgrow what the system allows.

    Args:
        values: Paths, or the index of a plan (JSON) and a path with ``{shard}``, joined by a colon.

    Raises:
        UserError: The index cannot be read, or a file would be read twice.
    """
    found: list[str] = []
    for value in values:
        index, joined, pattern = value.partition(".json:")
        if joined and SHARD in pattern:
            shards = read_json_object(f"{index}.json", "shards")["shards"]
            found += [pattern.replace(SHARD, shard) for shard in shards]
        else:
            found.append(value)
    for twice, count in Counter(found).items():
        if count > 1:
            raise UserError(f"{twice}: given {count} times", fix="give every file once")
    return found


def check_outputs(arguments: argparse.Namespace) -> None:
    """See, before hours of work, that what a script is to write can lie where it is told to.

    Raises:
        UserError: A file stands where a folder is needed.
    """
    for name in ("output", "markdown"):
        if getattr(arguments, name, None) is not None:
            check_output(getattr(arguments, name))
    for name in ("output_videos", "output_folder", "image_folder", "folder"):
        if getattr(arguments, name, None) is not None:
            check_output(Path(getattr(arguments, name), "file"))


def _peak_memory_mb() -> dict[str, float]:
    scale = 1024**2 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / scale
    return {"peak_host_mb": round(own, 1), "peak_largest_child_mb": round(child, 1)}


def _peak_device_mb() -> float:
    """Largest memory of this process on a GPU; 0.0 where it used none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0.0
    return round(torch.cuda.max_memory_allocated() / 1024**2, 1)


class _Printable(logging.Formatter):
    """Lines that a terminal only shows, whatever names stand in them."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def run_job(main: Callable[[argparse.Namespace], Any], parser: argparse.ArgumentParser) -> None:
    """Parse the command line, run ``main`` and end the process.

    Logs versions, device and parameters first and the resource use last, both to standard error. A ``UserError`` ends
    with its message and status 1, without a traceback. Lists of files may hold ``PLAN:PATTERN`` (``shard_files``).
    """
    arguments = parser.parse_args()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Printable("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)
    log.info("%s on %s", parser.prog, platform.platform())
    log.info("versions: %s", ", ".join(f"{name} {version}" for name, version in library_versions().items()))
    log.info("cpus: %s, OMP_NUM_THREADS: %s", os.cpu_count(), os.environ.get("OMP_NUM_THREADS", "unset"))
    for key, value in sorted(vars(arguments).items()):
        log.info("  %s = %s", key.removeprefix("settings."), value)
    started = time.perf_counter()
    try:
        for key, value in vars(arguments).items():
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                setattr(arguments, key, shard_files(value))
        check_outputs(arguments)
        main(arguments)
        device_mb = _peak_device_mb()
        if device_mb and getattr(arguments, "device_memory", None):
            write_json(arguments.device_memory, {"peak_device_mb": device_mb})
    except UserError as error:
        log.error("%s", error)
        sys.exit(1)
    except KeyboardInterrupt:
        log.error("interrupted; finished outputs are kept")
        sys.exit(130)
    usage = {"seconds": round(time.perf_counter() - started, 2), **_peak_memory_mb(), "device_mb": device_mb}
    log.info("done: %s", ", ".join(f"{key} {value}" for key, value in usage.items()))

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
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError

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
    group.add_argument("--workers", type=int, default=1, help="worker processes for decoding (default: 1)")
    if batch_size is not None:
        group.add_argument(
            "--batch-size", type=int, default=batch_size, help=f"items at a time (default: {batch_size})"
        )


def progress(items: Iterable[Item], *, total: int | None = None, unit: str, name: str) -> Iterator[Item]:
    """Show a bar with rate and time left while the items pass through; sparse lines where there is no terminal."""
    interval = 0.5 if sys.stderr.isatty() else 10.0
    yield from tqdm(items, total=total, unit=unit, desc=name, mininterval=interval, dynamic_ncols=True)


def _peak_memory_mb() -> dict[str, float]:
    scale = 1024**2 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / scale
    peaks = {"peak_host_mb": round(own, 1), "peak_largest_child_mb": round(child, 1), "peak_device_mb": 0.0}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        peaks["peak_device_mb"] = round(torch.cuda.max_memory_allocated() / 1024**2, 1)
    return peaks


def run_job(main: Callable[[argparse.Namespace], Any], parser: argparse.ArgumentParser) -> None:
    """Parse the command line, run ``main`` and end the process.

    Logs versions, device and parameters first and the resource use last, both to standard error; writes the use to
    ``--usage`` as JSON when asked. A ``UserError`` ends with its message and status 1, without a traceback.
    """
    parser.add_argument("--usage", metavar="FILE", help="write seconds and peak memory to this JSON file")
    arguments = parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
    )
    logging.captureWarnings(True)
    log.info("%s on %s", parser.prog, platform.platform())
    log.info("versions: %s", ", ".join(f"{name} {version}" for name, version in library_versions().items()))
    log.info("cpus: %s, OMP_NUM_THREADS: %s", os.cpu_count(), os.environ.get("OMP_NUM_THREADS", "unset"))
    for key, value in sorted(vars(arguments).items()):
        log.info("  %s = %s", key.removeprefix("settings."), value)
    started = time.perf_counter()
    try:
        main(arguments)
    except UserError as error:
        log.error("%s", error)
        sys.exit(1)
    except KeyboardInterrupt:
        log.error("interrupted; finished outputs are kept")
        sys.exit(130)
    usage = {"seconds": round(time.perf_counter() - started, 2), **_peak_memory_mb()}
    log.info("done: %s", ", ".join(f"{key} {value}" for key, value in usage.items()))
    if arguments.usage:
        write_json(arguments.usage, usage)

"""The workflow part of the scale benchmark: dry runs over empty video files, and what a job of a cluster parses."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from uvis_core.frames.plan import shard_name

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "Shell command: "
"""What Snakemake prints before each."""


def snakemake(overlay: Path, *arguments: str) -> tuple[str, str]:
    """How long a call took, and what it printed.

    Raises:
        SystemExit: It failed.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", str(overlay), *arguments]
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")
    computed = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds:.1f} s ({computed:.1f} s of CPU time)", done.stdout


def measure_workflow(folder: Path, videos: int, shards: int) -> Iterator[tuple[str, str]]:
    """Dry runs of a source of empty files; rows of a table."""
    source = folder / "videos"
    source.mkdir()
    for number in range(videos):
        (source / f"{'видео' if number % 4 == 0 else 'video'}-{number:07d}.mp4").touch()
    overlay = folder / "scale.yaml"
    content = {
        "dataset": "scale",
        "results": str(folder / "results"),
        "shards": shards,
        "sources": {"train": {"kind": "videos", "path": str(source)}, "test": None},
    }
    overlay.write_text(yaml.safe_dump(content))
    for which in ("first dry run (the plan is made)", "second dry run (the plan is there)"):
        yield (
            f"{which} of {videos:,} videos in {shards} shards",
            snakemake(overlay, "--dry-run", "--quiet")[0],
        )
    # So does the executor of a cluster start the workflow in each of its jobs.
    job = f"extract_frames:split=train,shard={shard_name(0, shards)}"
    remote = ["--mode", "remote", "--target-jobs", job, "--allowed-rules", "extract_frames"]
    yield "what a job of a cluster does first", snakemake(overlay, "--dry-run", "--quiet", *remote)[0]
    _, printed = snakemake(overlay, "--dry-run", "--printshellcmds")
    lines = printed.splitlines()
    commands = [line.removeprefix(COMMAND) for line in lines if line.startswith(COMMAND)]
    longest = max(len(os.fsencode(command)) for command in commands)
    yield f"longest of {len(commands):,} command lines", f"{longest / 1024:.1f} KiB of the 128 KiB allowed"

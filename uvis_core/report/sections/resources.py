"""Section of time and memory: what Snakemake measured of every job, from the folder that it leaves this in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

# The stages in the order of the road; what else left files stands after them.
ORDER = (
    "frames",
    "masks",
    "crops",
    "prototypes",
    "labels",
    "training",
    "tracks",
    "evaluation",
    "report",
)
# Snakemake's words for what it could not measure.
UNMEASURED = ("NA", "-", "")


@dataclass(frozen=True)
class JobUsage:
    """What one job used; None where it was not measured, and for the device where there was none."""

    name: str
    seconds: float | None
    host_mb: float | None
    device_mb: float | None

    @property
    def stage(self) -> str:
        """The first part of its name."""
        return self.name.split("/")[0]


@dataclass(frozen=True)
class StageUsage:
    """Jobs of one stage: seconds added up (``share`` percent of the longest stage), memory of the largest."""

    name: str
    jobs: tuple[JobUsage, ...]
    seconds: float | None
    host_mb: float | None
    device_mb: float | None
    share: float


def facts(folder: Path | str | None) -> dict[str, Any]:
    """What the section shows.

    Args:
        folder: Of Snakemake's benchmark files, which mirror the jobs' outputs.
    """
    stages = stage_usage(read_usages(folder) if folder is not None else [])
    return {"stages": stages, "overall": overall_usage(stages)}


def read_usages(folder: Path | str) -> list[JobUsage]:
    """Every job that left a file in the folder, by stage and name; a job's name is its path there.

    Raises:
        UserError: A file is damaged.
    """
    found = {
        path.relative_to(folder).with_suffix("").as_posix(): path for path in Path(folder).rglob("*.tsv")
    }
    return sorted((read_usage(name, path) for name, path in found.items()), key=_place)


def read_usage(name: str, path: Path) -> JobUsage:
    """Read what Snakemake measured of a job, and the device memory that the job may have written beside it.

    Raises:
        UserError: A file is damaged.
    """
    header, values = [*path.read_text(encoding="utf-8").splitlines(), "", ""][:2]
    row = dict(zip(header.split("\t"), values.split("\t"), strict=False))
    proportional = _number(row.get("max_pss", ""), path)
    return JobUsage(
        name,
        seconds=_number(row.get("s", ""), path),
        # Pages that processes share count once in pss, in every process in rss; only some systems know pss.
        host_mb=_number(row.get("max_rss", ""), path) if proportional is None else proportional,
        device_mb=_device_mb(path.with_suffix(".device.json")),
    )


def _device_mb(path: Path) -> float | None:
    """What a job noted of its device; Snakemake makes the file before the job runs, without a GPU it stays empty."""
    if not path.is_file() or path.stat().st_size == 0:
        return None
    return read_json(path).get("peak_device_mb") or None


def stage_usage(jobs: Sequence[JobUsage]) -> list[StageUsage]:
    """Group jobs by stage, in order of appearance."""
    groups: dict[str, list[JobUsage]] = {}
    for job in jobs:
        groups.setdefault(job.stage, []).append(job)
    longest = max((_total(job.seconds for job in group) or 0.0 for group in groups.values()), default=0.0)
    stages = []
    for name, group in groups.items():
        seconds = _total(job.seconds for job in group)
        stages.append(
            StageUsage(
                name=name,
                jobs=tuple(group),
                seconds=seconds,
                host_mb=_largest(job.host_mb for job in group),
                device_mb=_largest(job.device_mb for job in group),
                share=round(100 * (seconds or 0.0) / longest, 1) if longest else 0.0,
            )
        )
    return stages


def overall_usage(stages: Sequence[StageUsage]) -> StageUsage:
    """All stages together: seconds added up, memory of the largest job."""
    return StageUsage(
        name="all",
        jobs=tuple(job for stage in stages for job in stage.jobs),
        seconds=_total(stage.seconds for stage in stages),
        host_mb=_largest(stage.host_mb for stage in stages),
        device_mb=_largest(stage.device_mb for stage in stages),
        share=100.0,
    )


def _place(job: JobUsage) -> tuple[int, str]:
    return ORDER.index(job.stage) if job.stage in ORDER else len(ORDER), job.name


def _number(text: str, path: Path) -> float | None:
    if text in UNMEASURED:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise UserError(
            f"{path}: {text!r} is no number of a Snakemake benchmark",
            fix="delete the file; it changes no result",
        ) from error


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)

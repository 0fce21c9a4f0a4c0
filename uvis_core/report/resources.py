"""Time and memory of every job, from the files that the jobs leave behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from uvis_core.io.atomic import read_json


@dataclass(frozen=True)
class JobUsage:
    """What one job used; None where it was not recorded, and for the device where there was none."""

    name: str
    seconds: float | None
    host_mb: float | None
    device_mb: float | None


@dataclass(frozen=True)
class StageUsage:
    """Jobs of one stage: seconds added up (``share`` percent of the longest stage), memory of the largest."""

    name: str
    jobs: tuple[JobUsage, ...]
    seconds: float | None
    host_mb: float | None
    device_mb: float | None
    share: float


def read_usage(name: str, path: Path | str) -> JobUsage:
    """Read one usage file; one that is missing gives a job without numbers.

    Raises:
        UserError: The file is not JSON.
    """
    if not Path(path).is_file():
        return JobUsage(name, None, None, None)
    usage = read_json(path)
    host = [usage[key] for key in ("peak_host_mb", "peak_largest_child_mb") if usage.get(key) is not None]
    return JobUsage(name, usage.get("seconds"), max(host, default=None), usage.get("peak_device_mb") or None)


def stage_usage(jobs: Sequence[JobUsage]) -> list[StageUsage]:
    """Group jobs by the first part of their names, in order of appearance."""
    groups: dict[str, list[JobUsage]] = {}
    for job in jobs:
        groups.setdefault(job.name.split("/")[0], []).append(job)
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
    """All stages together: seconds added up, memory of the largest process."""
    return StageUsage(
        name="all",
        jobs=tuple(job for stage in stages for job in stage.jobs),
        seconds=_total(stage.seconds for stage in stages),
        host_mb=_largest(stage.host_mb for stage in stages),
        device_mb=_largest(stage.device_mb for stage in stages),
        share=100.0,
    )


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)

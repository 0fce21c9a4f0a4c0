"""Settings of the machine: they change how fast a run is, never what it computes, and rerun nothing."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from uvis_core.config.base import Settings
from uvis_core.config.faults import Misfit
from uvis_core.io.errors import UserError

DEVICE_FILES = Path("/dev")
# GPUs of Windows below Linux, of AMD and of NVIDIA's small boards; their number cannot be read off these files.
OTHER_GPUS = ("dxg", "kfd", "nvhost-gpu")


class BatchSizes(Settings):
    """How many items go through a model at once."""

    masks: int = Field(
        8,
        ge=1,
        description="Frames per detector batch, on a CPU always one; lower it when the device runs out of memory.",
    )
    crops: int = Field(128, ge=1, description="Crops per CLIP batch.")
    tracks: int = Field(
        8,
        ge=1,
        description="Frames per window of trackers memory and minvis, whose memory use follows from this alone; of "
        "tracker clip only the frames decoded at a time, its own windows are clip_frames long.",
    )


def _known_device(device: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:[0-9]+)?", device):
        raise Misfit(f"{device!r} is no device", fix="give auto, cpu, cuda or cuda:N")
    return device


class ComputeSettings(Settings):
    """Device, batch sizes and worker processes."""

    device: Annotated[str, AfterValidator(_known_device)] = Field(
        "auto",
        description="auto takes a GPU if there is one; cpu, cuda or cuda:N ask for that device.",
    )
    workers: int = Field(1, ge=0, description="Worker processes per job that decode frames and encode masks.")
    training_threads: int = Field(
        2, ge=1, description="CPU threads of the training job, on each of its nodes; the other jobs take one."
    )
    training_nodes: int = Field(1, ge=1, description="Nodes that train together; more than one needs Slurm.")
    training_gpus: int = Field(
        0,
        ge=0,
        description="GPUs per training node, one process each; 0 means one process on the device above.",
    )
    batch_size: BatchSizes = BatchSizes()

    @property
    def uses_gpu(self) -> bool:
        """Whether jobs will compute on a GPU; asks for NVIDIA's device file, because importing torch takes seconds."""
        return self.device.startswith("cuda") or (self.device == "auto" and Path("/dev/nvidia0").exists())


def visible_gpus() -> int | None:
    """How many NVIDIA GPUs this machine lets a job see, or None where only torch can say.

    Asks for the device files, because importing torch takes seconds.
    """
    if sys.platform != "linux" or any((DEVICE_FILES / name).exists() for name in OTHER_GPUS):
        return None
    there = sum(re.fullmatch(r"nvidia\d+", path.name) is not None for path in DEVICE_FILES.iterdir())
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return (
        there
        if named is None
        else min(there, sum(part.strip() not in ("", "-1") for part in named.split(",")))
    )


def check_device(device: str) -> None:
    """Refuse a GPU that is not in this machine; for jobs that run on it, not on a cluster's nodes.

    Args:
        device: As ``ComputeSettings.device``.

    Raises:
        UserError: Names the device and how many GPUs there are.
    """
    name, _, index = device.partition(":")
    gpus = visible_gpus()
    if name == "cuda" and gpus is not None and int(index or 0) >= gpus:
        fix = f"set it to a device below cuda:{gpus}" if gpus else "set it to auto or cpu"
        raise UserError(
            f"compute.device: {device} is not there, this machine shows {gpus} NVIDIA GPUs",
            fix=f"{fix}, or check the driver with nvidia-smi and the variable CUDA_VISIBLE_DEVICES",
        )

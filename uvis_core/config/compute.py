"""Settings of the machine: they change how fast a run is, never what it computes, and rerun nothing."""

from pathlib import Path

from pydantic import Field

from uvis_core.config.base import Settings


class BatchSizes(Settings):
    """How many items go through a model at once."""

    masks: int = Field(
        8, ge=1, description="Frames per detector batch; lower it when the device runs out of memory."
    )
    crops: int = Field(128, ge=1, description="Crops per CLIP batch.")
    tracks: int = Field(
        8, ge=1, description="Frames per window of the tracker; its memory use follows from this alone."
    )


class ComputeSettings(Settings):
    """Device, batch sizes and worker processes."""

    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="auto takes a GPU if there is one; cpu, cuda or cuda:N ask for that device.",
    )
    workers: int = Field(1, ge=0, description="Worker processes per job that decode frames and encode masks.")
    training_threads: int = Field(
        2, ge=1, description="CPU threads of the training job; the other jobs take one."
    )
    training_nodes: int = Field(1, ge=1, description="Nodes that train together; more than one needs Slurm.")
    training_gpus: int = Field(
        0,
        ge=0,
        description="GPUs per training node; 0 means one process on the device above, on Slurm the profile decides.",
    )
    batch_size: BatchSizes = BatchSizes()

    @property
    def uses_gpu(self) -> bool:
        """Whether jobs will compute on a GPU; asks for NVIDIA's device file, because importing torch takes seconds."""
        return self.device.startswith("cuda") or (self.device == "auto" and Path("/dev/nvidia0").exists())

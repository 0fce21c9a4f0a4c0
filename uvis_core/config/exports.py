"""Settings of the exports stage."""

from typing import Literal

from pydantic import Field

from uvis_core.config.base import Settings

ExportFormat = Literal["ytvis"]


class ExportsSettings(Settings):
    """Which results are written in which formats of others, for every experiment of a run."""

    formats: tuple[ExportFormat, ...] = Field(
        ("ytvis",),
        description="ytvis: json in YTVIS layout, with the names of videos and classes beside their numbers; an empty "
        "list writes nothing.",
    )
    of: tuple[Literal["labels", "tracks"], ...] = Field(
        ("labels", "tracks"),
        description="labels: the pseudo-labels of the training videos; tracks: those of the tracked videos.",
    )

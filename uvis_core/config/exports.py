"""Settings of the exports stage."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from uvis_core.config.base import Misfit, Settings

ExportFormat = Literal["ytvis", "coco", "cvat", "mots", "davis", "yolo", "csv", "fiftyone", "overlay"]
Exported = Literal["labels", "tracks"]

SINGLE_FILES: frozenset[ExportFormat] = frozenset({"ytvis"})
"""Formats that are one json; every other one is a folder with an index of its files."""

HOLDS: Mapping[ExportFormat, frozenset[Exported]] = {
    "mots": frozenset({"tracks"}),
    "davis": frozenset({"tracks"}),
    "overlay": frozenset({"tracks"}),
}
"""What a format can hold, where that is not both: a label is seen in one frame, so it has no identity to number."""

WITH_IMAGES: frozenset[ExportFormat] = frozenset({"coco", "yolo", "fiftyone"})
"""Formats whose readers open the images."""


BY_SHARD: frozenset[ExportFormat] = frozenset({"overlay"})
"""Formats that take long for every video: each shard has a job and a folder of its own."""


def holds(name: ExportFormat, of: Exported) -> bool:
    """Whether a format can hold labels, or tracks."""
    return name not in HOLDS or of in HOLDS[name]


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class ExportOptions(Settings):
    """What of the results goes into every format, and how."""

    min_score: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="Least score of what is exported: of a track its own, of a label objectness times class score; "
        "null takes all. Evaluators want all, for they sort by score; people who look want fewer.",
    )
    copy_images: bool = Field(
        False,
        description="coco, yolo and fiftyone: true copies the frames into the export, which then can be moved to "
        "another machine; false names them where they lie, or links to them.",
    )


class ExportsSettings(ExportOptions):
    """Which results are written in which formats of others, for every experiment of a run."""

    formats: tuple[ExportFormat, ...] = Field(
        ("ytvis",),
        description="ytvis: json in YTVIS layout, with the names of videos and classes beside their numbers; coco: "
        "json of instances per frame; cvat: CVAT 1.1 xml per video, masks of labels and polygon tracks of tracks; "
        "mots: txt and PNG; davis: an indexed PNG per frame; yolo: polygons for YOLO's segmentation; csv: a row per "
        "object and frame; fiftyone: a data set that FiftyOne loads; overlay: an mp4 and a contact sheet per video, in "
        "a folder per shard. mots, davis and overlay hold tracks alone. An empty list writes nothing "
        "(docs/exports.md).",
    )
    of: Annotated[tuple[Exported, ...], BeforeValidator(_listed)] = Field(
        ("labels", "tracks"),
        description="labels: the pseudo-labels of the training videos; tracks: those of the tracked videos. One of "
        "them may stand without brackets.",
    )

    @model_validator(mode="after")
    def _formats_hold_something(self) -> Self:
        for name in self.formats:
            if self.of and not any(holds(name, of) for of in self.of):
                raise Misfit(
                    f"formats: {name} cannot hold {' or '.join(self.of)}",
                    fix=f"add {' or '.join(sorted(HOLDS[name]))} to exports.of, or take {name} out of exports.formats",
                )
        return self

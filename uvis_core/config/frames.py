"""Settings of the frames stage."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from uvis_core.config.base import Settings

PathText = Annotated[str, Field(min_length=1)]
SourceKind = Literal["toy", "videos", "frame_folders", "images", "ytvis"]


class SourceSettings(Settings):
    """Where the videos of one split come from."""

    kind: SourceKind = Field(
        description="toy: the generated world; videos: video files (mp4, mov, m4v, webm, avi, mkv); "
        "frame_folders: one folder of images per video, sorted by the numbers in their names; images: a "
        "folder of pictures, at any depth, each a video of one frame; ytvis: the images that a json in YTVIS or OVIS "
        "layout lists."
    )
    path: PathText | Annotated[tuple[PathText, ...], Field(min_length=1)] | None = Field(
        None,
        description="videos: a folder of video files, or a list of files; frame_folders: the folder that "
        "holds the folders, or a list of them; images: the folder; ytvis: the json; toy: null.",
    )
    image_root: PathText | None = Field(
        None, description="ytvis: folder to which the json's file_names are relative."
    )
    truth: PathText | None = Field(
        None,
        description="Annotations, read by evaluation, exports (for numbers) and report (for pictures) alone: a json in "
        "YTVIS or OVIS layout, an xml of CVAT's or a folder with one per video, or a folder of DAVIS annotations (a "
        "folder per video, a PNG of object numbers per frame); null where there are none. The toy world brings its "
        "own.",
    )

    @model_validator(mode="after")
    def _keys_fit_kind(self) -> Self:
        if (self.path is None) != (self.kind == "toy"):
            raise ValueError(f"kind {self.kind} {'takes no path' if self.path else 'needs a path'}")
        if self.kind == "ytvis" and (not isinstance(self.path, str) or self.image_root is None):
            raise ValueError("kind ytvis needs one json as path, and image_root")
        if self.kind == "images" and not isinstance(self.path, str):
            raise ValueError("kind images needs one folder as path")
        if self.kind != "ytvis" and self.image_root is not None:
            raise ValueError("image_root goes with kind ytvis only")
        return self


class FramesSettings(Settings):
    """Which frames of a video are taken and how they are stored."""

    stride: int | None = Field(
        None, ge=1, description="Take every n-th frame. Give this or fps; with neither, every frame is taken."
    )
    fps: float | None = Field(
        None,
        gt=0,
        description="Take the frame nearest to each multiple of 1/fps seconds, by timestamp, which also "
        "evens out a variable frame rate. Give this or stride.",
    )
    image_format: Literal["jpg", "png"] = Field(
        "jpg", description="Format of decoded frames: jpg is small, png is exact and several times larger."
    )
    jpeg_quality: int = Field(
        95, ge=1, le=100, description="Quality of jpg frames; lower saves space and blurs fine structure."
    )
    max_failed_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of a split's videos that may be undecodable (each is named in the report) "
        "before the run stops; 0 stops at the first, 1 never.",
    )

    @model_validator(mode="after")
    def _one_sampling(self) -> Self:
        if self.stride is not None and self.fps is not None:
            raise ValueError(
                f"give stride or fps, not both ({self.stride} and {self.fps}): set one of them to null"
            )
        return self

    @property
    def takes_every_frame(self) -> bool:
        """Whether no frame is left out."""
        return self.fps is None and self.stride in (None, 1)


def check_sampling(settings: FramesSettings, source: SourceSettings) -> None:
    """Refuse a sampling that the source, or the truth that comes with it, makes no sense with.

    Raises:
        ValueError: Says which key must be null.
    """
    if settings.takes_every_frame:
        return
    if source.kind == "ytvis":
        raise ValueError(
            "a ytvis source is taken as listed, because results follow its file_names: no stride, no fps"
        )
    if source.truth is not None or source.kind == "toy":
        raise ValueError(
            "truth counts every frame of a video, so its split takes every frame: no stride, no fps"
        )
    if source.kind in ("frame_folders", "images") and settings.fps is not None:
        raise ValueError(
            f"images of kind {source.kind} carry no time, so fps means nothing for them: use stride"
        )

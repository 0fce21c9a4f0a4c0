"""Settings of the frames stage."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from uvis_core.config.base import Settings

Paths = str | Annotated[tuple[str, ...], Field(min_length=1)]


class SourceSettings(Settings):
    """Where the videos of one split come from: exactly one of ``videos``, ``frame_folders`` and ``ytvis``."""

    videos: Paths | None = Field(
        None, description="A folder of video files, or a list of files (mp4, mov, m4v, webm, avi, mkv)."
    )
    frame_folders: str | None = Field(
        None,
        description="A folder with one subfolder of images per video; images are sorted by the numbers in their "
        "names.",
    )
    ytvis: str | None = Field(
        None, description="A json in YTVIS or OVIS layout whose file_names list the images; needs image_root."
    )
    image_root: str | None = Field(
        None, description="Folder to which the file_names of the ytvis json are relative."
    )
    truth: str | None = Field(
        None,
        description="Annotations in YTVIS or OVIS layout to evaluate against; null where there are none.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("videos", "frame_folders", "ytvis") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give exactly one of videos, frame_folders and ytvis, not {', '.join(given) or 'none'}"
            )
        if (self.ytvis is None) != (self.image_root is None):
            raise ValueError("ytvis and image_root belong together: give both or neither")
        return self


class FramesSettings(Settings):
    """Which frames of a video are taken and how they are stored."""

    stride: int | None = Field(
        None, ge=1, description="Take every n-th frame. Give this or fps; with neither, every frame is taken."
    )
    fps: float | None = Field(
        None,
        gt=0,
        description="Take the frame nearest to each multiple of 1/fps seconds, by timestamp, which also evens out "
        "a variable frame rate. Give this or stride.",
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
        description="Share of a split's videos that may be undecodable (each is named in the report) before the "
        "run stops; 0 stops at the first, 1 never.",
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


class ExtractionSettings(FramesSettings):
    """The frames settings together with one source, and whether the two go together."""

    source: SourceSettings = Field(description="Where the videos come from.")

    @model_validator(mode="after")
    def _sampling_fits_source(self) -> Self:
        if self.takes_every_frame:
            return self
        if self.source.ytvis is not None:
            raise ValueError(
                "a ytvis source is taken as listed, because results follow its file_names: no stride, no fps"
            )
        if self.source.truth is not None:
            raise ValueError(
                "truth counts every frame of a video, so its split takes every frame: no stride, no fps"
            )
        if self.source.frame_folders is not None and self.fps is not None:
            raise ValueError(
                "images in frame_folders carry no time, so fps means nothing for them: use stride"
            )
        return self

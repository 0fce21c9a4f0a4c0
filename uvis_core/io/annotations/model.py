"""The one form of annotations: videos, their objects, and the masks of these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from uvis_core.io.errors import UserError
from uvis_core.io.tubes import Tube

VideoId = int | str


@dataclass(frozen=True)
class Video:
    """One video, with or without annotations.

    Attributes:
        video_id: By what the annotations know it: its id in a json, its name elsewhere.
        name: By what the tables know it.
        number: By what results in json know it: its id in a json, its name in a folder.
        height_px: Height of the frames.
        width_px: Width of the frames.
        frames: Length.
    """

    video_id: VideoId
    name: str
    number: VideoId
    height_px: int
    width_px: int
    frames: int


@dataclass(frozen=True)
class TrueObject:
    """One annotated object, without its masks.

    Attributes:
        object_id: The file's id.
        class_id: Class of the data set.
        crowd: Whether it stands for a crowd, which is neither to be found nor wrong to be found.
        mean_area_px: Mean area over the frames that show it, by the file's own ``areas`` where it has them.
        occlusion: Occlusion score in 0 to 1, ``UNKNOWN_OCCLUSION`` where the file has none.
    """

    object_id: Any
    class_id: int
    crowd: bool
    mean_area_px: float
    occlusion: float


@dataclass(frozen=True)
class VideoTruth:
    """The annotated objects of one video in the order of the file, and the tube of each."""

    objects: Sequence[TrueObject] = ()
    tubes: Sequence[Tube] = ()

    def by_class(self) -> "VideoTruth":
        """The same in the order of the classes; those of one class stay in the order of the file."""
        order = sorted(range(len(self.objects)), key=lambda place: self.objects[place].class_id)
        return VideoTruth([self.objects[place] for place in order], [self.tubes[place] for place in order])


@dataclass(frozen=True)
class Annotations:
    """The annotations of a split.

    Attributes:
        path: Where they were read.
        videos: Every video by its id, in the order of the numbers.
        class_names: Name by class id, in the order of the ids.
        read: Gives the objects of a video by its id; those that lie in a file of their own are read anew each time.
        warnings: What was odd, in words.
        occlusion_fault: Why figures by occlusion cannot be taken; empty where they can.
    """

    path: Path
    videos: Mapping[VideoId, Video]
    class_names: Mapping[int, str]
    read: Callable[[VideoId], VideoTruth]
    warnings: Sequence[str] = field(default_factory=tuple)
    occlusion_fault: str = ""

    @cached_property
    def by_name(self) -> dict[str, Video]:
        """Every video by its name in the tables.

        Raises:
            UserError: Two videos share a name.
        """
        found: dict[str, Video] = {}
        for video in self.videos.values():
            if found.setdefault(video.name, video) is not video:
                raise UserError(
                    f"{self.path}: two videos are named {video.name!r}",
                    fix="give every video a name of its own",
                )
        return found

    @cached_property
    def by_number(self) -> dict[VideoId, Video]:
        """Every video by what results in json know it."""
        return {video.number: video for video in self.videos.values()}

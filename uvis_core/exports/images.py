"""The frames of exported videos: named where they lie, linked, or copied."""

import os
import shutil
from pathlib import Path

from uvis_core.exports.content import ExportedVideo
from uvis_core.io.errors import UserError, machine_error


def image_name(path: str, root: Path | str) -> str:
    """A path relative to a folder when inside it, else absolute."""
    root = os.path.abspath(root)  # noqa: PTH100 - links stay links
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else absolute).as_posix()


def frame_name(video: ExportedVideo, place: int) -> str:
    """What a frame's file is called in every format, without its suffix: its index, in five digits."""
    return f"{video.frame_indices[place]:05d}"


def copied_name(video: ExportedVideo, place: int) -> str:
    """Name of a frame's copy or link: the folder of its video and its own."""
    return f"{video.name}/{frame_name(video, place)}{Path(video.paths[place]).suffix.lower()}"


def put_images(folder: Path, video: ExportedVideo, *, copies: bool) -> None:
    """Put the frames of a video into a folder, by ``copied_name``.

    Args:
        folder: Where the folder of the video is made.
        video: The frames.
        copies: Whether they are copied or linked. Links are relative, so that a folder of results can be moved.

    Raises:
        UserError: A frame that is to be copied is missing.
        MachineError: The disk is full or the folder cannot be written.
    """
    (folder / video.name).mkdir(parents=True, exist_ok=True)
    for place, path in enumerate(video.paths):
        target = folder / copied_name(video, place)
        try:
            if copies:
                shutil.copyfile(path, target)
            else:
                target.symlink_to(os.path.relpath(path, target.parent))
        except FileNotFoundError as error:
            raise UserError(
                f"{path}: the frame is missing and cannot be copied", fix="run the frames stage again"
            ) from error
        except OSError as error:
            raise machine_error(target, "cannot be written", error) from error

"""Frames of one shard's videos: decoded into image folders, or indexed where they are images already."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uvis_core.config.frames import FramesSettings
from uvis_core.frames.sampling import sample
from uvis_core.frames.sources import VideoEntry, state_of
from uvis_core.io.atomic import partial_path, remove_partials
from uvis_core.io.errors import MachineError, UserError, machine_error
from uvis_core.io.images import save_image, whole_image_size
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.video import TimedFrames, decode_video
from uvis_core.jobs import log, progress
from uvis_core.provenance import text_digest

TOLD_EVERY = 1000
"""Frames of one video between two lines of the log."""


@dataclass(frozen=True)
class IndexedFrame:
    """One row of the frames table, without its video."""

    path: str
    height_px: int
    width_px: int
    timestamp_s: float


def extract_shard(
    entries: Sequence[VideoEntry], settings: FramesSettings, image_folder: Path | str, *, workers: int = 1
) -> tuple[dict[str, list[Any]], list[dict[str, str]], str]:
    """Decode or index the videos of one shard.

    Decoded frames lie at ``image_folder/{video_id}/{frame_index:05d}.{format}``. The folder of a video
    appears when it is whole and replaces an older one. ``frame_index`` counts the frames taken, from 0. Images have no
    clock and get their position in the video as timestamp.

    Args:
        entries: Videos of the shard.
        settings: Which frames and in which format.
        image_folder: Parent of the folders of decoded frames.
        workers: Videos decoded at the same time; each decodes in a thread, outside the interpreter's lock.

    Returns:
        Columns of the frames table, in the order of ``entries``; the failures, one ``{video_id, path, reason}`` per
        video that could not be read whole; and the digest of all that was read, so that a table of other images is
        another table.

    Raises:
        UserError: ``settings.fps`` is given, but there are images, which have no time; or a video that cannot be read
            is no longer what was listed.
        MachineError: The machine failed: a full disk, no memory, no permission. It says nothing about the videos, so
            none of them is noted as a failure for it.
    """
    if settings.fps is not None and any(entry.kind == "images" for entry in entries):
        raise UserError("images carry no time, so fps means nothing for them", fix="use stride")

    def extract(entry: VideoEntry) -> tuple[list[IndexedFrame], str] | UserError:
        try:
            if entry.kind == "video":
                return _decode(entry, settings, Path(image_folder)), content_digest([entry.path])
            frames = _index(entry, settings)
            return frames, content_digest(frame.path for frame in frames)
        except MachineError:
            raise
        except UserError as error:
            _check_state(entry, error)
            return error
        except (OSError, MemoryError) as error:
            raise machine_error(entry.path, "cannot be read", error) from error

    for folder in {
        (Path(image_folder) / entry.video_id).parent for entry in entries if entry.kind == "video"
    }:
        _remove_left(folder)
    columns: dict[str, list[Any]] = {name: [] for name in FRAMES.columns.names}
    failures = []
    contents = []
    with ThreadPoolExecutor(max(1, workers)) as pool:
        results = progress(pool.map(extract, entries), total=len(entries), unit="video", name="frames")
        for entry, result in zip(entries, results, strict=True):
            if isinstance(result, UserError):
                failures.append({"video_id": entry.video_id, "path": entry.path, "reason": result.message})
                continue
            frames, content = result
            contents.append([entry.video_id, content])
            for index, frame in enumerate(frames):
                columns["video_id"].append(entry.video_id)
                columns["frame_index"].append(index)
                for name in ("path", "height_px", "width_px", "timestamp_s"):
                    columns[name].append(getattr(frame, name))
    return columns, failures, text_digest(json.dumps(contents))


def _remove_left(folder: Path) -> None:
    """Remove folders of frames that killed jobs left half-written."""
    try:
        if folder.is_dir():
            remove_partials(folder)
    except OSError as error:
        raise machine_error(folder, "cannot be listed", error) from error


def _check_state(entry: VideoEntry, error: UserError) -> None:
    """Stop where a video that cannot be read has gone or changed since it was listed: its disk may be away."""
    if entry.state and state_of(entry) != entry.state:
        raise UserError(
            f"{error.message}; its files are not what they were when the videos were listed",
            fix="see that they are at rest and their disk is there, then start the workflow again: it lists them anew",
        ) from error


def content_digest(paths: Iterable[Path | str]) -> str:
    """Digest of the bytes of some files."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        with Path(path).open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()


def shown_path(path: Path | str) -> str:
    """A path as tables carry it: relative to the working directory when inside it, else absolute."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links
    return (absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute).as_posix()


def _decode(entry: VideoEntry, settings: FramesSettings, image_folder: Path) -> list[IndexedFrame]:
    final = image_folder / entry.video_id
    partial = partial_path(final)
    try:
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(parents=True)
        frames: list[IndexedFrame] = []
        for timestamp_s, image in decode_video(
            entry.path, lambda decoded: sample(_told(decoded, entry.path), settings.stride, settings.fps)
        ):
            height, width = image.shape[:2]
            _check_size(frames, height, width, entry.path)
            name = f"{len(frames):05d}.{settings.image_format}"
            save_image(partial / name, image, settings.jpeg_quality)
            frames.append(IndexedFrame(shown_path(final / name), height, width, timestamp_s))
        _put_in_place(partial, final)
    except (OSError, MemoryError) as error:
        raise machine_error(final, "frames cannot be written", error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return frames


def _put_in_place(partial: Path, final: Path) -> None:
    """Let a whole folder take the place of an older one, also where another process does the same just now."""
    older = partial.with_name(f"{partial.name}.older")
    while True:
        with suppress(FileNotFoundError):
            final.rename(older)
        try:
            partial.rename(final)
            break
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        finally:
            if older.exists():
                shutil.rmtree(older)


def _told(frames: TimedFrames, path: str) -> TimedFrames:
    """The same frames; the log says how far a long video has come."""
    for count, frame in enumerate(frames, 1):
        yield frame
        if count % TOLD_EVERY == 0:
            log.info("%s: %d frames decoded, up to %.1f s", path, count, frame[0])


def _index(entry: VideoEntry, settings: FramesSettings) -> list[IndexedFrame]:
    folder = Path(entry.path)
    stride = settings.stride or 1
    frames: list[IndexedFrame] = []
    for name in entry.file_names[::stride]:
        height, width = whole_image_size(folder / name)
        _check_size(frames, height, width, str(folder / name))
        if entry.height_px and (height, width) != (entry.height_px, entry.width_px):
            raise UserError(
                f"{folder / name}: measures {height} x {width} pixels, the json says {entry.height_px} x "
                f"{entry.width_px}",
                fix="give the images that the json is about, or correct its height and width",
            )
        frames.append(IndexedFrame(shown_path(folder / name), height, width, float(len(frames) * stride)))
    return frames


def _check_size(frames: Sequence[IndexedFrame], height: int, width: int, path: str) -> None:
    if frames and (frames[0].height_px, frames[0].width_px) != (height, width):
        raise UserError(
            f"{path}: frame {len(frames)} measures {height} x {width} pixels, the first one "
            f"{frames[0].height_px} x {frames[0].width_px}",
            fix="split the video where its size changes",
        )

"""Video files, decoded and encoded by PyAV."""

import errno
import logging
import mmap
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from io import FileIO
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError, is_the_machines, machine_error
from uvis_core.io.images import MAX_PIXELS

log = logging.getLogger("uvis")


# Containers by the names of ffmpeg's readers. Its playlists (HLS, concat, DASH) would open other files and addresses.
CONTAINERS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg")
FIX = "replace the file by a whole one, or remove it from the source"
# ffmpeg denies itself what is more in one piece, whatever the machine has.
LARGEST_PIECE_BYTES = 2**31 - 1


TimedFrames = Iterator[tuple[float, VideoFrame]]
"""Frames as they are decoded, with their timestamps in seconds."""


def decode_video(
    path: Path | str, choose: Callable[[TimedFrames], TimedFrames] = iter
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield frames as their timestamp in seconds and uint8 RGB of shape (H, W, 3), upright.

    Timestamps are those of the container, so a variable frame rate is kept; where they do not ascend, the clock goes on
    by the mean duration of a frame, which the log says. Rotation metadata and edit lists are applied. Pixels are as
    they are stored: interlaced fields stay woven, and pixels that are not square stay so, because masks are counted in
    stored pixels; alpha is dropped, more bits than 8 are rounded, grey becomes RGB. The first video stream is taken;
    cover pictures are none.

    Args:
        path: The video.
        choose: Thins the stream of frames out, before they are turned into RGB, which is a large part of the work
            (default: takes them all).

    Raises:
        UserError: The file is missing, not a video, declares frames of more than ``MAX_PIXELS``, breaks off before its
            announced end, or loses frames by a broken clock.
        MachineError: The disk or the memory failed, which says nothing about the file.
    """
    with _open_watched(path) as file:
        try:
            with av.open(
                file,
                "r",
                options={"max_pixels": str(MAX_PIXELS)},
                metadata_errors="replace",
                container_options={"format_whitelist": ",".join(CONTAINERS)},
            ) as container:
                try:
                    for time_s, frame in choose(_frames(container, path)):
                        file.check()
                        yield time_s, _upright(frame)
                except MemoryError as error:
                    # Judged here, while what the video holds is still held.
                    raise _denied_memory(path, error) from error
            file.check()
        except MemoryError as error:
            raise _denied_memory(path, error) from error
        except UserError:
            file.check()
            raise
        except (FFmpegError, ValueError) as error:
            file.check()
            reason = error.strerror if isinstance(error, FFmpegError) else error
            raise UserError(f"{path}: cannot be decoded ({reason})", fix=FIX) from error


def _denied_memory(path: Path | str, error: MemoryError) -> UserError:
    """Whose fault it is that memory was denied: the machine's, or a file's that asks for absurd amounts."""
    if isinstance(error, FFmpegError) and _largest_piece_is_to_be_had():
        return UserError(
            f"{path}: cannot be decoded (asks for more than {LARGEST_PIECE_BYTES} bytes at once)", fix=FIX
        )
    return machine_error(path, "cannot be decoded", error)


def _largest_piece_is_to_be_had() -> bool:
    with suppress(OSError):
        # Reserved, not touched: takes nothing from the machine.
        mmap.mmap(-1, LARGEST_PIECE_BYTES).close()
        return True
    return False


class _WatchedFile(FileIO):
    """A file that notes the first fault of reading, which ffmpeg would take for damage or for the file's end."""

    fault: OSError | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size) or b""
        except OSError as error:
            self.fault = self.fault or error
            return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except OSError as error:
            # ffmpeg tries places before a small file's start, and takes no for an answer.
            if is_the_machines(error):
                self.fault = self.fault or error
            return -(error.errno or errno.EINVAL)

    def check(self) -> None:
        """Raise the fault.

        Raises:
            MachineError: Something could not be read.
        """
        if self.fault is not None:
            raise machine_error(self.name, "cannot be read", self.fault) from self.fault


def _open_watched(path: Path | str) -> _WatchedFile:
    try:
        # Opening a pipe would wait for its writer for ever.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise UserError(f"{path}: cannot be decoded (a folder or a pipe, not a file)", fix=FIX)
        return _WatchedFile(path)
    except OSError as error:
        if is_the_machines(error):
            raise machine_error(path, "cannot be read", error) from error
        raise UserError(f"{path}: cannot be decoded ({error.strerror})", fix=FIX) from error


def _frames(container: InputContainer, path: Path | str) -> TimedFrames:
    stream = _video_stream(container, path)
    stream.thread_type = "AUTO"
    # For sizes that grow on the way; what the file is opened with holds for its headers alone.
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    rate = float(stream.average_rate or 25)
    # A file that was cut decodes without complaint up to the cut; only its header knows the length.
    announced_s = _announced_seconds(container, stream)
    step_s = announced_s / stream.frames if announced_s and stream.frames else 1 / rate
    count, last_s, ascends = 0, 0.0, True
    for frame in container.decode(stream):
        if frame.is_corrupt:
            raise UserError(f"{path}: frame {count} is damaged", fix=FIX)
        time_s = float(frame.time) if frame.time is not None else count / rate
        if count and time_s <= last_s:
            if ascends:
                log.warning(
                    "%s: frame %d is at %g s, after one at %g s; the clock goes on by %g s a frame",
                    path,
                    count,
                    time_s,
                    last_s,
                    step_s,
                )
            time_s, ascends = last_s + step_s, False
        last_s = time_s
        yield last_s, frame
        count += 1
    if count == 0:
        raise UserError(f"{path}: has no decodable frame", fix=FIX)
    if not ascends and count < stream.frames:
        raise UserError(
            f"{path}: only {count} of its {stream.frames} frames come out, because its clock does not ascend",
            fix=FIX,
        )
    start_s = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
    decoded_s = last_s - start_s + 1 / rate
    if ascends and decoded_s < 0.95 * announced_s - 2 / rate:
        raise UserError(f"{path}: breaks off after {decoded_s:.2f} of {announced_s:.2f} seconds", fix=FIX)


def _upright(frame: VideoFrame) -> np.ndarray:
    image = np.rot90(frame.to_ndarray(format="rgb24"), k=round(frame.rotation / 90) % 4)
    return np.ascontiguousarray(image)


def _video_stream(container: InputContainer, path: Path | str) -> VideoStream:
    """The first video stream that is no cover picture, of a size that is decoded."""
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not streams:
        raise UserError(f"{path}: has no video stream", fix=FIX)
    if len(streams) > 1:
        log.warning("%s: has %d video streams; the first is taken", path, len(streams))
    stream = streams[0]
    if stream.codec_context is None:
        raise UserError(f"{path}: cannot be decoded (its coding is unknown)", fix=FIX)
    width, height = stream.codec_context.width, stream.codec_context.height
    if not 0 < width * height <= MAX_PIXELS:
        # ffmpeg says 0 x 0 where a header declares more than the limit.
        raise UserError(
            f"{path}: declares no size, or frames of more than the {MAX_PIXELS} pixels that are decoded",
            fix=FIX,
        )
    return stream


def announced_frames(path: Path | str) -> int | None:
    """How many frames a file's header tells of, about; None where it tells nothing or cannot be read."""
    with suppress(UserError, FFmpegError, ValueError, OSError), _open_watched(path) as file:
        options = {"format_whitelist": ",".join(CONTAINERS)}
        with av.open(file, "r", metadata_errors="replace", container_options=options) as container:
            stream = _video_stream(container, path)
            return (
                stream.frames
                or round(_announced_seconds(container, stream) * float(stream.average_rate or 25))
                or None
            )
    return None


def _announced_seconds(container: InputContainer, stream: VideoStream) -> float:
    """Length of the video by the file's header, 0 where it says none.

    Matroska and WebM have no length per stream but a tag, and one for the whole file, which sound can
    stretch. AVI has a number of frames, while its length is guessed from the size of the file.
    """
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        return float(stream.frames / stream.average_rate)
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        alone = len(container.streams) == 1 and container.duration
        return float(container.duration or 0) / av.time_base if alone else 0.0


def write_video(
    path: Path | str,
    frames: Iterable[np.ndarray],
    fps: float,
    crf: int = 18,
    *,
    preset: str = "medium",
    faststart: bool = False,
) -> None:
    """Encode uint8 RGB frames of shape (H, W, 3) as H.264 in mp4, atomically.

    One encoding thread and no macroblock tree (it varies from run to run), so that equal frames give equal
    bytes. Odd sizes are padded to even ones by repeating the last row or column, which H.264's colour
    subsampling needs.

    Args:
        path: The mp4 file.
        frames: At least one frame, all of one size.
        fps: Frames per second.
        crf: Constant rate factor, 0 (lossless) to 51; 18 is visually lossless.
        preset: Of x264: how much time goes into a small file.
        faststart: Put the index before the pictures, so that a browser plays while it still loads.
    """
    options = {"movflags": "faststart"} if faststart else {}
    with (
        atomic_path(path) as temporary,
        av.open(str(temporary), "w", format="mp4", options=options) as container,
    ):
        stream = None
        for image in frames:
            height, width = image.shape[:2]
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
                stream.height, stream.width, stream.pix_fmt = image.shape[0], image.shape[1], "yuv420p"
                stream.codec_context.thread_count = 1
                stream.options = {"crf": str(crf), "preset": preset, "x264-params": "threads=1:mbtree=0"}
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        if stream is None:
            raise ValueError(f"{path}: a video needs at least one frame")
        container.mux(stream.encode())

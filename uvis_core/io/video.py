"""Video files, decoded and encoded by PyAV."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError


def decode_video(path: Path | str) -> Iterator[tuple[float, np.ndarray]]:
    """Yield every frame as its timestamp in seconds and uint8 RGB of shape (H, W, 3), upright.

    Timestamps are those of the container, so a variable frame rate is kept; rotation metadata is applied.

    Raises:
        UserError: The file is missing, not a video, or breaks off before its announced end.
    """
    fix = "replace the file by a whole one, or remove it from the source"
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UserError(f"{path}: has no video stream", fix=fix)
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            count, last_s = 0, 0.0
            rate = float(stream.average_rate or 25)
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    raise UserError(f"{path}: frame {count} is damaged", fix=fix)
                last_s = float(frame.time) if frame.time is not None else count / rate
                image = np.rot90(frame.to_ndarray(format="rgb24"), k=round(frame.rotation / 90) % 4)
                yield last_s, np.ascontiguousarray(image)
                count += 1
            if count == 0:
                raise UserError(f"{path}: has no decodable frame", fix=fix)
            # A file that was cut decodes without complaint up to the cut; only its header knows the length.
            announced_s = _announced_seconds(container, stream)
            start_s = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
            decoded_s = last_s - start_s + 1 / rate
            if decoded_s < 0.95 * announced_s - 2 / rate:
                raise UserError(
                    f"{path}: breaks off after {decoded_s:.2f} of {announced_s:.2f} seconds", fix=fix
                )
    except FFmpegError as error:
        raise UserError(f"{path}: cannot be decoded ({error.strerror})", fix=fix) from error


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


def write_video(path: Path | str, frames: Iterable[np.ndarray], fps: float, crf: int = 18) -> None:
    """Encode uint8 RGB frames of shape (H, W, 3) as H.264 in mp4, atomically.

    One encoding thread and no macroblock tree (it varies from run to run), so that equal frames give equal
    bytes. Odd sizes are padded to even ones by repeating the last row or column, which H.264's colour
    subsampling needs.

    Args:
        path: The mp4 file.
        frames: At least one frame, all of one size.
        fps: Frames per second.
        crf: Constant rate factor, 0 (lossless) to 51; 18 is visually lossless.
    """
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream = None
        for image in frames:
            height, width = image.shape[:2]
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
                stream.height, stream.width, stream.pix_fmt = image.shape[0], image.shape[1], "yuv420p"
                stream.codec_context.thread_count = 1
                stream.options = {"crf": str(crf), "preset": "medium", "x264-params": "threads=1:mbtree=0"}
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        if stream is None:
            raise ValueError(f"{path}: a video needs at least one frame")
        container.mux(stream.encode())

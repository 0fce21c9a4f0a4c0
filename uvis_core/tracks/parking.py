"""Low-resolution masks of a whole video, kept in a temporary file until it is known which ones are wanted.

Neither the accelerator's memory nor the process's grows with the video's length: the file is written and read
by calls, not mapped, so that its pages belong to the system's cache.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType

import numpy as np


class ParkedMasks:
    """A stack of (Q, h, w) mask logits, one entry per frame.

    Use it as a context manager; the file has no name and is gone afterwards.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.shape: tuple[int, ...] = ()
        self.dtype = np.dtype(np.float32)
        self._file = tempfile.TemporaryFile(prefix="uvis-masks-")  # noqa: SIM115 (closed by __exit__)

    def __enter__(self) -> "ParkedMasks":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, logits: np.ndarray) -> None:
        """Add frames: (T, Q, h, w), of the same Q, h, w and dtype at every call."""
        if self.frames and (logits.shape[1:], logits.dtype) != (self.shape, self.dtype):
            raise ValueError(
                f"{logits.dtype} frames of {logits.shape[1:]} after {self.dtype} frames of {self.shape}"
            )
        self.shape, self.dtype = logits.shape[1:], logits.dtype
        self._file.write(np.ascontiguousarray(logits).data)
        self.frames += len(logits)

    def read(self, queries: Sequence[int], frames_at_once: int) -> Iterator[np.ndarray]:
        """Masks of some queries through the video, in pieces of at most ``frames_at_once`` frames.

        Yields:
            (T, len(queries), h, w), as appended.
        """
        self._file.flush()
        count, height, width = self.shape
        mask_bytes = self.dtype.itemsize * height * width
        for start in range(0, self.frames, frames_at_once):
            stop = min(start + frames_at_once, self.frames)
            piece = np.empty((stop - start, len(queries), height, width), dtype=self.dtype)
            for frame in range(start, stop):
                for place, query in enumerate(queries):
                    offset = (frame * count + query) * mask_bytes
                    os.preadv(self._file.fileno(), [piece[frame - start, place]], offset)
            yield piece

"""Run lengths of a whole video on the temporary disk: written frame by frame, read by frame or by track."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

from uvis_core.io.rle import mask_areas


class RunLengthSpool:
    """Masks of a video, one text file each with a line per frame; use it as a context manager.

    A line is empty where the mask has no pixel.

    Args:
        size_px: Height and width of the masks.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self.frames = 0
        self._folder = tempfile.TemporaryDirectory(prefix="uvis-run-lengths-")

    def __enter__(self) -> "RunLengthSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def write(self, frames: Iterator[list[str]]) -> None:
        """Take in all frames, each with the run lengths of every mask."""
        with ExitStack() as stack:
            files: list[TextIO] = []
            for texts in frames:
                files = files or [
                    stack.enter_context(self._path(place).open("w", encoding="ascii"))
                    for place in range(len(texts))
                ]
                areas = mask_areas(texts, *self.size_px).tolist()
                for file, text, area in zip(files, texts, areas, strict=True):
                    file.write(f"{text}\n" if area else "\n")
                self.frames += 1

    def mask(self, place: int) -> Iterator[str]:
        """One mask's run lengths, frame by frame; empty where it has no pixel."""
        with self._path(place).open(encoding="ascii") as file:
            for line in file:
                yield line.rstrip("\n")

    def rows(self, places: Sequence[int]) -> Iterator[list[str]]:
        """Frame by frame the run lengths of some masks."""
        if places:
            yield from map(list, zip(*(self.mask(place) for place in places), strict=True))
        else:
            yield from ([] for _ in range(self.frames))

    def _path(self, place: int) -> Path:
        return Path(self._folder.name, str(place))

"""Sources as the frames stage meets them: listed, then decoded or indexed, with what it says of each video."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bad_inputs.case import BadInput
from tests.io.odd_videos import encode
from uvis_core.config.frames import FramesSettings, SourceSettings
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.sources import list_videos

Make = Callable[[Path], object]


@contextmanager
def warnings_kept() -> Iterator[list[str]]:
    """The warnings of the log while the block runs."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("uvis")
    log.addHandler(handler)
    try:
        yield said
    finally:
        log.removeHandler(handler)


def extracted(source: SourceSettings, folder: Path, *, failed: tuple[str, ...]) -> str:
    """List a source and take its frames.

    Args:
        source: Its videos.
        folder: Where decoded frames go.
        failed: Ids of the videos that must be listed as failed; every other one must have frames.

    Returns:
        The reasons in the ledger, length and size of every other video, and the log's warnings.
    """
    with warnings_kept() as said:
        entries = list_videos(source)
        columns, failures, _ = extract_shard(entries, FramesSettings(), folder / "images")
    frames = Counter(columns["video_id"])
    sizes = dict(
        zip(columns["video_id"], zip(columns["height_px"], columns["width_px"], strict=True), strict=True)
    )
    lines = [
        f"{name}: {count} frames of {sizes[name][0]} x {sizes[name][1]}" for name, count in frames.items()
    ]
    lines += [f"{failure['path']}: {failure['reason']}" for failure in failures]
    assert tuple(sorted(failure["video_id"] for failure in failures)) == failed, lines
    assert set(frames) == {entry.video_id for entry in entries} - set(failed), lines
    return "\n".join(lines + said)


def beside_a_good_one(make: Make, name: str, *, fails: bool) -> Callable[[Path], str]:
    """Meets a folder of two videos: a sound one, and what ``make`` puts at the path of the other."""

    def meet(folder: Path) -> str:
        clips = folder / "clips"
        clips.mkdir()
        encode(clips / "good.mp4", "mpeg4", count=2)
        make(clips / name)
        source = SourceSettings(kind="videos", path=str(clips))
        return extracted(source, folder, failed=(Path(name).stem,) if fails else ())

    return meet


def recorded(what: str, make: Make, *words: str, name: str = "odd.mp4") -> BadInput:
    """A video that is listed as failed beside a good one."""
    return BadInput(what, beside_a_good_one(make, name, fails=True), "recorded", (name, *words))


def accepted(what: str, make: Make, *words: str, name: str = "odd.mp4") -> BadInput:
    """A video that is used beside a good one."""
    return BadInput(what, beside_a_good_one(make, name, fails=False), "accepted", words)

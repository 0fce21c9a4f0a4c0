"""Tables of tracks, given to the evaluation."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.bad_inputs.case import BadInput, refusal, script
from tests.bad_inputs.run import Run, rewritten, with_column
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS

Meet = Callable[[Path], str]
PLACE = "tracks.parquet: video 'v'"


def evaluated(run: Run, *paths: Path, frames: bool = False) -> str:
    """The refusal of the run's tracks, or of other tables."""
    tables, shown = list(paths or (run["tracks"],)), [run["frames"]] if frames else ()
    return refusal(evaluate_tracks, run["truth"], tables, EvaluationSettings(), shown)


def spoiled(columns: Mapping[str, Any]) -> Meet:
    """Meets a table of tracks of which some columns hold other values."""

    def meet(folder: Path) -> str:
        run = Run(folder)
        for name, values in columns.items():
            rewritten(run["tracks"], with_column(name, values, TRACKS))
        return evaluated(run)

    return meet


def doubled(folder: Path) -> str:
    """All rows twice."""
    run = Run(folder)
    rewritten(run["tracks"], lambda table: pa.concat_tables([table, table]))
    return evaluated(run)


def copied(folder: Path) -> str:
    """The same shard under two names."""
    run = Run(folder)
    other = folder / "copy.parquet"
    other.write_bytes(run["tracks"].read_bytes())
    return evaluated(run, run["tracks"], other)


def twice(folder: Path) -> str:
    """The same file given twice."""
    run = Run(folder)
    flags = run.flags(ground_truth=run["truth"], output=folder / "figures.json")
    return script("evaluate_tracks.py", *flags, "--predictions", run["tracks"], run["tracks"])


def other_frames(folder: Path) -> str:
    """Every second frame was tracked."""
    run = Run(folder)
    rewritten(run["frames"], lambda table: table.take(pa.array([0, 2])))
    rewritten(run["frames"], with_column("frame_index", [0, 2], FRAMES))
    return evaluated(run, frames=True)


def other_split(folder: Path) -> str:
    """Tracks of videos that the truth does not have."""
    return evaluated(Run(folder), Run(folder / "other", "w")["tracks"])


def other_frames_table(folder: Path) -> str:
    """Frames of videos that the truth does not have."""
    run, other = Run(folder), Run(folder / "other", "w")
    return refusal(evaluate_tracks, run["truth"], [run["tracks"]], EvaluationSettings(), [other["frames"]])


def fewer_frames_tables(folder: Path) -> str:
    """Two tables of tracks and one of frames."""
    run = Run(folder)
    return evaluated(run, run["tracks"], folder / "copy.parquet", frames=True)


def mixed(folder: Path) -> str:
    """A table and a json."""
    run = Run(folder)
    return evaluated(run, run["tracks"], folder / "results.json")


def empty(folder: Path) -> str:
    """A table without rows."""
    run = Run(folder, empty=["tracks"])
    figures = evaluate_tracks(run["truth"], [run["tracks"]], EvaluationSettings())
    return "; ".join([*figures["warnings"], str(figures["counts"])])


CASES = [
    BadInput(
        "a score of NaN",
        spoiled({"score": [float("nan")] * 3}),
        "refused",
        ("tracks.parquet: column score holds a value that is not finite", "fix:"),
    ),
    BadInput(
        "a score of 7", spoiled({"score": [7.0] * 3}), "refused", ("tracks.parquet: score of row 0 is 7",)
    ),
    BadInput(
        "a score of -1", spoiled({"score": [0.5, 0.5, -1.0]}), "refused", ("score of row 2 is -1", "0 to 1")
    ),
    BadInput(
        "a null", spoiled({"class_id": [1, None, 1]}), "refused", ("column class_id holds 1 nulls", "fix:")
    ),
    BadInput(
        "all rows twice", doubled, "refused", (f"{PLACE} has track 0 in frame 0 more than once", "once")
    ),
    BadInput("one file given twice", twice, "refused", ("tracks.parquet: given 2 times", "every file once")),
    BadInput(
        "a copy of a shard beside it",
        copied,
        "refused",
        ("copy.parquet: holds tracks of video 'v', as", "tracks.parquet does", "every shard once"),
    ),
    BadInput(
        "a track of two classes",
        spoiled({"class_id": [1, 2, 1]}),
        "refused",
        (PLACE, "with class_id 1 and 2"),
    ),
    BadInput(
        "a track of two scores", spoiled({"score": [0.5, 0.25, 0.5]}), "refused", (PLACE, "0.5 and 0.25")
    ),
    BadInput(
        "a mask behind the end",
        spoiled({"frame_index": [0, 1, 3]}),
        "refused",
        (PLACE, "frame 3", "3 frames"),
    ),
    BadInput(
        "masks of another size", spoiled({"height_px": [5] * 3}), "refused", (PLACE, "[[5, 6]]", "[4, 6]")
    ),
    BadInput(
        "a damaged mask",
        spoiled({"rle_counts": ["0h0", "0h0", "1"]}),
        "refused",
        (PLACE, "frame 2: the runs cover 1"),
    ),
    BadInput("tracks of another split", other_split, "refused", ("none of its 1 predictions", "'w'", "'v'")),
    BadInput("frames of another split", other_frames_table, "refused", ("truth.parquet: lacks 1", "['w']")),
    BadInput(
        "every second frame tracked", other_frames, "refused", ("video 'v' has 3 frames, but 2", "stride 1")
    ),
    BadInput(
        "more tables of tracks than of frames", fewer_frames_tables, "refused", ("2 tables of tracks and 1",)
    ),
    BadInput(
        "a table and a results json together", mixed, "refused", ("1 further predictions", "json alone")
    ),
    BadInput("a table without rows", empty, "accepted", ("predictions is empty", "'predictions': 0")),
]

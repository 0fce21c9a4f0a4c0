"""What a prediction leaves: an overlay, a contact sheet and a table per video, one table and one json of them all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from uvis_core.exports.results import result_pieces, write_results
from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import ROW_GROUP_ROWS, read_metadata, read_pieces, write_parts

COLUMNS = TRACKS.columns.names
MADE_OF = "prediction"
FRAMES = "frames"


class Outputs:
    """Where everything lies.

    Args:
        folder: Of the results.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.failures = self.folder / "failures.json"
        self.table_of_all = self.folder / "tracks.parquet"
        self.json_of_all = self.folder / "tracks.json"

    def overlay(self, video_id: str) -> Path:
        """The mp4 of a video."""
        return self.folder / "overlays" / f"{video_id}.mp4"

    def table(self, video_id: str) -> Path:
        """The table of a video, which is written last."""
        return self.folder / "tracks" / f"{video_id}.parquet"

    def files(self, video_id: str) -> list[Path]:
        """All files of a video alone."""
        overlay = self.overlay(video_id)
        return [overlay, overlay.with_name(f"{video_id}.jpg"), self.table(video_id)]

    def has(self, video_id: str, made_of: str) -> bool:
        """Whether all files of a video are there, and the last of them was made of the same."""
        if not all(path.is_file() for path in self.files(video_id)):
            return False
        try:
            return read_metadata(self.table(video_id)).get(MADE_OF) == made_of
        except MachineError:
            raise
        except UserError:  # A damaged table is made again.
            return False

    def remove(self, video_id: str) -> None:
        """Remove what an earlier run left of a video."""
        for path in reversed(self.files(video_id)):
            path.unlink(missing_ok=True)


def write_video_table(
    path: Path, rows: Iterable[tuple[Any, ...]], frames: int, made_of: str, provenance: Mapping[str, str]
) -> None:
    """Write the tracks of one video.

    Args:
        path: The table.
        rows: In the order of the columns, of each track together.
        frames: Length of the video.
        made_of: Digest of model, settings and video.
        provenance: Added to the metadata.
    """
    metadata = {MADE_OF: made_of, FRAMES: str(frames), **provenance}
    write_parts(path, TRACKS, _parts(rows), metadata)


def _parts(rows: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Sequence[Any]]]:
    """Columns of as many rows as a row group takes; one part without rows if there are none."""
    part: list[tuple[Any, ...]] = []
    parts = 0
    for row in rows:
        part.append(row)
        if len(part) == ROW_GROUP_ROWS:
            yield dict(zip(COLUMNS, zip(*part, strict=True), strict=True))
            part, parts = [], parts + 1
    if part or not parts:
        yield {name: [row[place] for row in part] for place, name in enumerate(COLUMNS)}


def write_joint(outputs: Outputs, video_ids: Sequence[str], class_names: Mapping[int, str]) -> None:
    """Write one table and one YTVIS json of all finished videos; the json numbers them from 1 in their order."""
    pieces = (
        {name: piece[name] for name in COLUMNS}
        for video_id in video_ids
        for piece in read_pieces(outputs.table(video_id), TRACKS, COLUMNS)
    )
    write_parts(outputs.table_of_all, TRACKS, pieces)
    results = (
        result
        for number, video_id in enumerate(video_ids, start=1)
        for result in _results(outputs.table(video_id), number, video_id, class_names)
    )
    write_results(outputs.json_of_all, results)


def _results(
    table: Path, number: int, video_id: str, class_names: Mapping[int, str]
) -> Iterator[Iterator[str]]:
    """Each track of a video as json text in pieces."""
    frames = int(read_metadata(table)[FRAMES])
    rows = (row for piece in read_pieces(table, TRACKS, COLUMNS) for row in piece.to_pylist())
    for _, of_track in groupby(rows, key=lambda row: row["track_id"]):
        first = next(of_track)
        head = {
            "video_id": number,
            "video_name": video_id,
            "category_id": first["class_id"],
            "category_name": class_names[first["class_id"]],
            "score": first["score"],
        }
        size = first["height_px"], first["width_px"]
        masks = ((row["frame_index"], row["rle_counts"]) for row in chain([first], of_track))
        yield result_pieces(head, size, frames, masks)

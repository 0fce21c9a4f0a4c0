"""Parquet tables that are too large to be read whole, read by their row groups."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.table_checks import check_schema, check_values
from uvis_core.io.tables import reading

BATCH_ROWS = 65_536


class RowGroups:
    """A table on disk, of which a bounded part is in memory; names of videos come as dictionary arrays.

    Args:
        path: The Parquet file.
        schema: What it is to hold.

    Raises:
        UserError: The file is missing, damaged, of another schema or of a version that is not known here; also by
            the methods, where a part that is read later is damaged.
    """

    def __init__(self, path: Path | str, schema: TableSchema) -> None:
        self.path = path
        with reading(path):
            self._file = pq.ParquetFile(path, read_dictionary=["video_id"])
            # As it was written: video_id is read as a dictionary.
            check_schema(path, self._file.metadata.schema.to_arrow_schema(), schema)
        groups = range(self._file.metadata.num_row_groups)
        rows = [self._file.metadata.row_group(group).num_rows for group in groups]
        self._starts = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
        self._taken: tuple[str, list[int], pa.ChunkedArray] | None = None

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of all rows in order, ``BATCH_ROWS`` rows at most at a time."""
        with reading(self.path):
            for batch in self._file.iter_batches(BATCH_ROWS, columns=list(columns)):
                check_values(self.path, batch)
                yield batch

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows: for numbers and names of videos, which take some bytes a row."""
        with reading(self.path):
            table = self._file.read(columns=list(columns))
        check_values(self.path, table)
        return table

    def take(self, column: str, rows: np.ndarray) -> pa.Array:
        """One column of some rows; the row groups in which they lie are in memory, until the next ones are.

        Args:
            column: Its name.
            rows: int64 (N,) row numbers, in any order.

        Returns:
            N values.
        """
        groups, within = np.unique(np.searchsorted(self._starts, rows, side="right") - 1, return_inverse=True)
        if not len(groups):
            return pa.array([], self._file.schema_arrow.field(column).type)
        found = self._groups(column, groups.tolist())
        sizes = self._starts[groups + 1] - self._starts[groups]
        before = np.cumsum(sizes) - sizes
        return found.take(pa.array(before[within] + rows - self._starts[groups][within])).combine_chunks()

    def _groups(self, column: str, groups: list[int]) -> pa.ChunkedArray:
        """One column of some row groups; the last ones are still there, since neighbouring videos share them."""
        if self._taken is None or self._taken[:2] != (column, groups):
            with reading(self.path):
                table = self._file.read_row_groups(groups, columns=[column])
            check_values(self.path, table)
            self._taken = (column, groups, table[column])
        return self._taken[2]


def rows_by_video(names: pa.ChunkedArray, *keys: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Every video and its rows.

    Args:
        names: Names of the videos of N rows, as text or as a dictionary.
        keys: N numbers each; a video's rows are sorted by the first, then by the next.

    Yields:
        Name and row numbers, int64.
    """
    videos = names.dictionary_encode().unify_dictionaries().combine_chunks()
    codes = videos.indices.to_numpy()
    order = np.lexsort((*reversed(keys), codes))
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if len(rows):
            yield videos.dictionary[int(codes[rows[0]])].as_py(), rows

"""Writing the training samples of a split: one uncompressed Arrow file, which is read memory-mapped."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from uvis_core.io.atomic import atomic_path
from uvis_core.io.schemas.samples import CLASSES_KEY, COUNTS_KEY, SAMPLES


def write_samples(
    path: Path | str,
    batches: Iterable[Mapping[str, Any]],
    class_names: Mapping[int, str],
    counts: Mapping[str, int],
    provenance: Mapping[str, str] | None = None,
) -> None:
    """Write samples atomically, with one batch in memory at a time.

    Args:
        path: The Arrow file.
        batches: One array-like per column of ``SAMPLES``, batch by batch; each becomes a record batch.
        class_names: Names by class id, of the whole vocabulary.
        counts: Crops by verdict.
        provenance: Added to the metadata.

    Raises:
        UserError: The file cannot be written.
    """
    metadata = {
        "schema": SAMPLES.name,
        "schema_version": SAMPLES.version,
        CLASSES_KEY: json.dumps({str(number): name for number, name in class_names.items()}),
        COUNTS_KEY: json.dumps(counts),
        **(provenance or {}),
    }
    schema = SAMPLES.columns.with_metadata(metadata)
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for columns in batches:
            writer.write_batch(pa.RecordBatch.from_pydict(dict(columns), schema))

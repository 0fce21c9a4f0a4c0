"""The file of a split's training samples: uncompressed Arrow, which is read memory-mapped; writing and verifying it.

Arrow has no checksums of its own, so every record batch carries one. Readers at random places do not verify them: the
job that starts to read does so once.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.samples import CHECKSUM_KEY, CLASSES_KEY, COUNTS_KEY, SAMPLES
from uvis_core.io.table_checks import MADE_AGAIN, check_schema
from uvis_core.io.tables import reading


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
            batch = pa.RecordBatch.from_pydict(dict(columns), schema)
            writer.write_batch(batch, custom_metadata={CHECKSUM_KEY: _checksum(batch)})


def check_samples(path: Path | str) -> None:
    """Read a file of samples whole, one batch in memory at a time, and compare every checksum.

    Raises:
        UserError: The file is missing, of another schema, or holds other bytes than were written.
    """
    with reading(path), pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        check_schema(path, reader.schema, SAMPLES)
        for number in range(reader.num_record_batches):
            batch, noted = reader.get_batch_with_custom_metadata(number)
            # A damaged list that reaches beyond the file would end the process when it is serialised.
            batch.validate(full=True)
            if noted is None or noted.get(CHECKSUM_KEY) != _checksum(batch):
                raise UserError(f"{path}: record batch {number} is not as it was written", fix=MADE_AGAIN)


def _checksum(batch: pa.RecordBatch) -> bytes:
    return b"%08x" % zlib.crc32(batch.serialize())

"""Tables between the stages, read by a stage, and files of training samples."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.run import SCHEMAS, Run, rewritten, with_column
from tests.training.made import frame, write_frames
from uvis_core.io.annotations.read import read_annotations
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.truth import CLASSES_KEY
from uvis_core.io.tables import read_metadata, read_table, write_table
from uvis_core.training.samples import LabelledFrames

Meet = Callable[[Path], str]
NAN = float("nan")


def changed(name: str, change: Callable[[pa.Table], pa.Table]) -> Meet:
    """Meets a table that was changed behind the back of the project."""

    def meet(folder: Path) -> str:
        return refusal(read_table, rewritten(Run(folder)[name], change), SCHEMAS[name])

    return meet


def column(table: str, name: str, values: Any) -> Meet:
    """Meets a table of which one column holds other values."""
    return changed(table, with_column(name, values, SCHEMAS[table]))


def file(change: Callable[[bytes], bytes]) -> Meet:
    """Meets a table of masks whose file was changed."""

    def meet(folder: Path) -> str:
        path = Run(folder)["masks"]
        path.write_bytes(change(path.read_bytes()))
        return refusal(read_table, path, SCHEMAS["masks"])

    return meet


def marked(key: bytes, value: bytes) -> Callable[[pa.Table], pa.Table]:
    """A change of one entry of the metadata."""
    return lambda table: table.replace_schema_metadata({**table.schema.metadata, key: value})


def recast(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    """A change of a column's type."""

    def change(table: pa.Table) -> pa.Table:
        place = table.column_names.index(name)
        return table.set_column(place, name, table[name].cast(kind))

    return change


def by_row_groups(folder: Path) -> str:
    """A NaN met by the reader of large tables."""
    path = rewritten(Run(folder)["labels"], with_column("similarity", [0.5, NAN, 0.5], SCHEMAS["labels"]))
    return refusal(lambda: list(RowGroups(path, SCHEMAS["labels"]).batches(["similarity"])))


def written(folder: Path) -> str:
    """A NaN that a stage would write."""
    path = Run(folder)["similarities"]
    columns = {"mask_id": [1], "class_id": [1], "prototype_id": [0], "similarity": [NAN]}
    return refusal(write_table, path, SCHEMAS["similarities"], columns)


def named(folder: Path) -> str:
    """A text named like a table, asked for its metadata."""
    path = folder / "masks.parquet"
    path.write_text("mask_id,video_id\n1,v\n")
    return refusal(read_metadata, path)


def truth_marked(value: bytes) -> Meet:
    """Meets a truth table whose names of classes are these bytes."""

    def meet(folder: Path) -> str:
        path = rewritten(Run(folder)["truth"], marked(CLASSES_KEY.encode(), value))
        return refusal(read_annotations, path)

    return meet


def further(folder: Path) -> str:
    """A column that nobody asked for."""
    path = rewritten(
        Run(folder)["labels"], lambda table: table.append_column("note", pa.array(["a", "b", "c"]))
    )
    return ", ".join(read_table(path, SCHEMAS["labels"]).column_names)


def foreign(folder: Path) -> str:
    """Parquet of another program."""
    path = folder / "masks.parquet"
    pq.write_table(pa.table({"mask_id": [1]}), path)
    return refusal(read_table, path, SCHEMAS["masks"])


ROWS = [frame(video, place, f"{place}.jpg", (4, 6), [(1, "0h0")]) for video in (0, 1) for place in (0, 1)]


def samples(change: Callable[[bytes], bytes]) -> Meet:
    """Meets a file of samples that was changed."""

    def meet(folder: Path) -> str:
        path = write_frames(folder / "train.arrow", ROWS)
        path.write_bytes(change(path.read_bytes()))
        return refusal(LabelledFrames, path)

    return meet


def sample_rows(*places: int) -> Meet:
    """Meets samples whose rows stand in this order."""
    return lambda folder: refusal(
        LabelledFrames, write_frames(folder / "train.arrow", [ROWS[place] for place in places])
    )


def without_labels(folder: Path) -> str:
    """No label was kept."""
    counts = {"kept": 0, "objectness": 7}
    return refusal(LabelledFrames, write_frames(folder / "train.arrow", ROWS, counts=counts))


def other_arrow(folder: Path) -> str:
    """An Arrow file of another program."""
    table = pa.table({"video": [0]})
    with pa.OSFile(str(folder / "train.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return refusal(LabelledFrames, folder / "train.arrow")


MASKS = "masks.parquet"
CASES = [
    BadInput(
        "a NaN in a column",
        column("masks", "objectness", [0.5, NAN, 0.5]),
        "refused",
        (f"{MASKS}: column objectness holds a value that is not finite", "delete the file"),
    ),
    BadInput(
        "an infinity in a vector",
        column("crops", "top_logits", [[1.0], [float("inf")], [1.0]]),
        "refused",
        ("crops.parquet: column top_logits holds a value that is not finite",),
    ),
    BadInput(
        "a NaN met by the reader of large tables",
        by_row_groups,
        "refused",
        ("labels.parquet: column similarity",),
    ),
    BadInput(
        "a NaN that a stage would write",
        written,
        "refused",
        ("similarities.parquet: is not written, as column similarity", "precision fp32"),
    ),
    BadInput(
        "a null",
        column("masks", "mask_id", [1, None, 3]),
        "refused",
        (f"{MASKS}: column mask_id holds 1 null",),
    ),
    BadInput(
        "another schema in its name",
        changed("masks", marked(b"schema", b"crops")),
        "refused",
        (f"{MASKS}: holds schema 'crops'", "not 'masks' version '1'", "give a table of masks"),
    ),
    BadInput(
        "a later version",
        changed("masks", marked(b"schema_version", b"99")),
        "refused",
        (f"{MASKS}: holds schema 'masks' version '99'", "delete the file and run the workflow again"),
    ),
    BadInput(
        "a version that is no text",
        changed("masks", marked(b"schema_version", b"\xff\xfe")),
        "refused",
        (f"{MASKS}: holds schema 'masks' version", "not 'masks' version '1'"),
    ),
    BadInput(
        "a missing column",
        changed("masks", lambda table: table.drop_columns(["area_px"])),
        "refused",
        (f"{MASKS}: has no single column area_px", "delete the file"),
    ),
    BadInput(
        "a column that is there twice",
        changed("masks", lambda table: table.append_column("area_px", table["area_px"])),
        "refused",
        (f"{MASKS}: has no single column area_px",),
    ),
    BadInput("a further column", further, "accepted", ("mask_id, video_id", "kept, reason")),
    BadInput(
        "numbers as texts",
        changed("labels", recast("class_id", pa.string())),
        "refused",
        ("labels.parquet: column class_id holds string, not int32",),
    ),
    BadInput(
        "wider numbers",
        changed("labels", recast("similarity", pa.float64())),
        "refused",
        ("labels.parquet: column similarity holds double, not float",),
    ),
    BadInput(
        "a table cut short",
        file(lambda whole: whole[: len(whole) // 2]),
        "refused",
        (f"{MASKS}: cannot be read",),
    ),
    BadInput(
        "an empty file", file(lambda _: b""), "refused", (f"{MASKS}: cannot be read as a table", "fix:")
    ),
    BadInput(
        "a csv named parquet", file(lambda _: b"mask_id,video_id\n1,v\n"), "refused", (f"{MASKS}: cannot be",)
    ),
    BadInput(
        "a csv asked for its metadata", named, "refused", (f"{MASKS}: cannot be read as a table", "fix:")
    ),
    BadInput(
        "Parquet of another program", foreign, "refused", (f"{MASKS}: holds schema 'none'", "table of masks")
    ),
    BadInput(
        "pickled metadata",
        truth_marked(pickle.dumps({1: "star"})),
        "refused",
        ("truth.parquet: its metadata hold no usable 'classes'", "delete the file"),
    ),
    BadInput("metadata that are a list", truth_marked(b"[1]"), "refused", ("no usable 'classes'",)),
    BadInput("class ids that are words", truth_marked(b'{"a": "star"}'), "refused", ("no usable 'classes'",)),
    BadInput(
        "samples cut short",
        samples(lambda whole: whole[: len(whole) // 2]),
        "refused",
        ("train.arrow: cannot be read as a table", "delete the file"),
    ),
    BadInput(
        "samples of no bytes", samples(lambda _: b""), "refused", ("train.arrow: cannot be read as a table",)
    ),
    BadInput(
        "samples of another schema", other_arrow, "refused", ("train.arrow: holds schema 'none'", "'samples'")
    ),
    BadInput("samples without a row", sample_rows(), "refused", ("train.arrow: holds no frame to train on",)),
    BadInput(
        "samples without a label",
        without_labels,
        "refused",
        ("train.arrow: holds no label to train on", "objectness 7", "lower the threshold"),
    ),
    BadInput(
        "samples whose frames are out of order",
        sample_rows(0, 1, 3, 2),
        "refused",
        ("train.arrow: its frames are not in the order",),
    ),
    BadInput(
        "samples whose videos are out of order", sample_rows(2, 3, 0, 1), "refused", ("not in the order",)
    ),
]

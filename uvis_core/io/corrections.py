"""Corrections of single labels by hand: a csv of mask id, verdict and class."""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError

HEADER = ("mask_id", "verdict", "class")
Verdict = Literal["accept", "reject", "rename"]
FORM = (
    f"write {','.join(HEADER)} as the first line, then a line per mask such as 123,accept, or 123,reject, or "
    "123,rename,NAME"
)
SHOWN = 5
"""Faults that a message names; it counts the others."""


@dataclass(frozen=True)
class Correction:
    """What a person says of one label.

    Attributes:
        verdict: accept: it is one, whatever the thresholds say; reject: it is none; rename: it is one, of another
            class.
        class_name: Of a rename, its class; else empty.
    """

    verdict: Verdict
    class_name: str = ""


def read_corrections(path: Path | str, class_names: Collection[str]) -> dict[int, Correction]:
    """Read corrections by mask id, in the order of the file; a line may stand there twice.

    Args:
        path: The csv.
        class_names: The classes that a label can be renamed to.

    Raises:
        UserError: The file cannot be read, or lines of it cannot be used; names them.
    """
    found: dict[int, Correction] = {}
    faults = []
    for where, row in _rows(path):
        fault = _fault(row, class_names)
        if fault is None:
            mask_id, one = int(row[0]), Correction(cast(Verdict, row[1].strip()), row[2].strip())
            if found.setdefault(mask_id, one) != one:
                fault = f"mask {mask_id} has another verdict in an earlier line"
        if fault is not None:
            faults.append(f"{where}: {fault}")
    if faults:
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise UserError(
            f"{path}: {'; '.join(faults[:SHOWN])}{more}",
            fix=f"{FORM}; classes are {', '.join(sorted(class_names))}",
        )
    return found


def write_corrections(path: Path | str, corrections: Mapping[int, Correction]) -> None:
    """Write corrections by mask id, atomically.

    Raises:
        MachineError: The file cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(HEADER)
        rows.writerows((mask_id, one.verdict, one.class_name) for mask_id, one in corrections.items())


def _rows(path: Path | str) -> Iterator[tuple[str, list[str]]]:
    """Where each line stands and its fields, without the header and without empty lines."""
    try:
        # A spreadsheet may put a byte order mark before the header.
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            if tuple(name.strip() for name in header) != HEADER:
                raise UserError(f"{path}: the columns are {','.join(header) or 'missing'}", fix=FORM)
            for row in rows:
                if row:
                    yield f"line {rows.line_num}", row
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: no such file", fix="correct the key labels.corrections, or set it to null"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read as a table of corrections ({error})", fix=FORM) from error


def _fault(row: list[str], class_names: Collection[str]) -> str | None:
    """What is wrong with a line, None where nothing is."""
    if len(row) != len(HEADER):
        return f"has {len(row)} fields, not {len(HEADER)}"
    mask_id, verdict, class_name = (field.strip() for field in row)
    if not (mask_id.isascii() and mask_id.isdecimal()) or int(mask_id) >= 2**63:
        return f"{mask_id!r} is no mask id"
    if verdict not in get_args(Verdict):
        return f"verdict {verdict!r} is none of {', '.join(get_args(Verdict))}"
    if (verdict == "rename") != bool(class_name):
        return f"verdict {verdict!r} with class {class_name!r}: a rename has one, nothing else does"
    if class_name and class_name not in class_names:
        return f"class {class_name!r} is not in the vocabulary"
    return None

from pathlib import Path

import pytest

from uvis_core.io.corrections import Correction, read_corrections, write_corrections
from uvis_core.io.errors import UserError

NAMES = ("star", "ring")


def written(folder: Path, *lines: str, header: str = "mask_id,verdict,class") -> Path:
    path = folder / "corrections.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_every_verdict_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "7,accept,", f"{2**63 - 1},reject,", "8,rename,ring", "7,accept,", "")
    assert read_corrections(path, NAMES) == {
        7: Correction("accept"),
        2**63 - 1: Correction("reject"),
        8: Correction("rename", "ring"),
    }


def test_what_is_written_is_read(tmp_path: Path) -> None:
    corrections = {9: Correction("rename", "star"), 3: Correction("reject")}
    write_corrections(tmp_path / "out.csv", corrections)
    assert read_corrections(tmp_path / "out.csv", NAMES) == corrections
    assert (tmp_path / "out.csv").read_text() == "mask_id,verdict,class\n9,rename,star\n3,reject,\n"


def test_a_spreadsheets_mark_and_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbfmask_id,verdict,class\r\n5,reject,\r\n")
    assert read_corrections(tmp_path / "c.csv", NAMES) == {5: Correction("reject")}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x,accept,", "line 2: 'x' is no mask id"),
        ("-4,accept,", "'-4' is no mask id"),
        (f"{2**63},accept,", "is no mask id"),
        ("4,maybe,", "verdict 'maybe' is none of accept, reject, rename"),
        ("4,rename,", "a rename has one"),
        ("4,reject,star", "nothing else does"),
        ("4,rename,tree", "class 'tree' is not in the vocabulary"),
        ("4,reject", "has 2 fields, not 3"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words):
        read_corrections(written(tmp_path, line), NAMES)


def test_two_verdicts_on_one_mask_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 3: mask 4 has another verdict in an earlier line"):
        read_corrections(written(tmp_path, "4,accept,", "4,reject,"), NAMES)


def test_faults_are_told_together(tmp_path: Path) -> None:
    lines = [f"{number},maybe," for number in range(9)]
    with pytest.raises(UserError, match=r"line 2: .*; line 6: .*; and 4 more") as fault:
        read_corrections(written(tmp_path, *lines), NAMES)
    assert "line 7" not in fault.value.message


def test_other_columns_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the columns are mask,verdict,class"):
        read_corrections(written(tmp_path, header="mask,verdict,class"), NAMES)
    with pytest.raises(UserError, match=r"nowhere\.csv: no such file"):
        read_corrections(tmp_path / "nowhere.csv", NAMES)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read as a table of corrections"):
        read_corrections(tmp_path / "bytes.csv", NAMES)

from tests.report.made_up import NAMES
from uvis_core.report.confusion import MOST_CLASSES, confusion_rows, fits_page, most_frequent

COUNTS = {"confusion": {"class_ids": [1, 2], "matrix": [[3, 1], [4, 0]], "missed": [4, 1]}}


def test_rows_by_hand() -> None:
    star, ring = confusion_rows(COUNTS, NAMES)
    assert [(cell.objects, cell.share, cell.kind) for cell in star.cells] == [
        (3, 37.5, "right"),
        (1, 12.5, "wrong"),
        (4, 50.0, "missed"),
    ]
    assert (star.name, star.objects, ring.objects) == ("star", 8, 5)
    assert [cell.kind for cell in ring.cells] == ["wrong", "right", "missed"]
    assert ring.cells[0].text == "ring taken for star: 4"


def test_a_class_without_objects_has_no_shares() -> None:
    counts = {"class_ids": [1, 9], "matrix": [[0, 0], [0, 1]], "missed": [0, 0]}
    star, other = confusion_rows({"confusion": counts}, NAMES)
    assert {cell.share for cell in star.cells} == {0.0}
    assert other.name == "class 9"


def test_confusions_are_sorted_and_never_on_the_diagonal() -> None:
    found = most_frequent(confusion_rows(COUNTS, NAMES))
    assert [(row.truth, row.taken_for, row.objects, row.share) for row in found] == [
        ("ring", "star", 4, 80),
        ("star", "ring", 1, 12.5),
    ]
    assert most_frequent(confusion_rows({}, NAMES)) == []


def test_large_matrices_do_not_fit() -> None:
    rows = confusion_rows(COUNTS, NAMES)
    assert fits_page(rows)
    assert not fits_page([])
    assert not fits_page(rows[:1] * (MOST_CLASSES + 1))

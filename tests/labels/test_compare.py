"""Labels → an exported file → a person's edits → corrections → labels."""

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from tests.conftest import ROOT
from tests.exports.world import NAMES, TRUE_LABELS, VIDEO, World, write_world
from uvis_core.exports import cvat, ytvis
from uvis_core.io.corrections import Correction, read_corrections
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.tables import read_table, write_table
from uvis_core.labels.compare import compare_labels
from uvis_core.labels.corrections import apply_corrections, check_corrections
from uvis_core.labels.exported import read_exported

LARGE, CROSS, RING = TRUE_LABELS
Edit = Callable[[ElementTree.Element], None]


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "world").mkdir()
    return write_world(tmp_path / "world")


@pytest.fixture
def exported(world: World, tmp_path: Path) -> Path:
    (tmp_path / "exported").mkdir()
    cvat.write(tmp_path / "exported", world.content("labels"))
    return tmp_path / "exported"


def edited(exported: Path, edit: Edit) -> Path:
    """The file of the one video with labels, changed."""
    tree = ElementTree.parse(exported / f"{VIDEO}.xml")
    edit(tree.getroot())
    folder = exported.parent / "corrected"
    folder.mkdir(exist_ok=True)
    tree.write(folder / f"{VIDEO}.xml", encoding="utf-8")
    return folder / f"{VIDEO}.xml"


def mask_of(root: ElementTree.Element, mask_id: int) -> tuple[ElementTree.Element, ElementTree.Element]:
    """The image and the mask of a label."""
    return next(
        (image, mask)
        for image in root.iter("image")
        for mask in image
        if mask.findtext("attribute[@name='mask_id']") == str(mask_id)
    )


def remove_and_rename(root: ElementTree.Element) -> None:
    image, mask = mask_of(root, LARGE)
    image.remove(mask)
    mask_of(root, RING)[1].set("label", NAMES[5])


def forget_ids(root: ElementTree.Element) -> None:
    for mask in root.iter("mask"):
        for attribute in list(mask):
            mask.remove(attribute)


def test_nothing_changed_is_nothing_corrected(exported: Path) -> None:
    changes = compare_labels(read_exported(exported), read_exported(exported))
    assert (changes.corrections, changes.untouched, changes.reshaped, changes.added) == ({}, 3, 0, 0)


@pytest.mark.parametrize("forget", [False, True])
def test_masks_that_are_gone_are_rejected_and_other_classes_renamed(exported: Path, forget: bool) -> None:
    def edit(root: ElementTree.Element) -> None:
        remove_and_rename(root)
        if forget:
            forget_ids(root)

    changes = compare_labels(read_exported(exported), read_exported(edited(exported, edit)))
    assert changes.corrections == {LARGE: Correction("reject"), RING: Correction("rename", NAMES[5])}
    assert (changes.untouched, changes.reshaped, changes.added) == (1, 0, 0)


def test_new_and_reshaped_masks_are_counted(exported: Path) -> None:
    def edit(root: ElementTree.Element) -> None:
        image, mask = mask_of(root, CROSS)
        whole = {"rle": "0, 16", "left": "40", "top": "0", "width": "4", "height": "4"}
        for name, value in whole.items():
            mask.set(name, value)
        # A copy of a mask has its id too.
        copy = ElementTree.SubElement(image, "mask", {**mask_of(root, RING)[1].attrib, "left": "0"})
        ElementTree.SubElement(copy, "attribute", name="mask_id").text = str(RING)

    changes = compare_labels(read_exported(exported), read_exported(edited(exported, edit)))
    assert (changes.corrections, changes.untouched, changes.reshaped, changes.added) == ({}, 3, 1, 1)


def test_a_json_that_came_back_is_compared_alike(world: World, tmp_path: Path) -> None:
    ytvis.write_labels(tmp_path / "exported.json", world.content("labels"))
    content = json.loads((tmp_path / "exported.json").read_text())
    content["annotations"] = [one for one in content["annotations"] if one["mask_id"] != LARGE]
    for one in content["annotations"]:
        one["category_id"] = 5
        del one["mask_id"]
    (tmp_path / "corrected.json").write_text(json.dumps(content))
    changes = compare_labels(
        *(read_exported(tmp_path / f"{name}.json") for name in ("exported", "corrected"))
    )
    assert changes.corrections == {LARGE: Correction("reject"), RING: Correction("rename", NAMES[5])}
    assert changes.untouched == 1


def test_what_was_not_exported_is_refused(exported: Path, tmp_path: Path) -> None:
    def rename(root: ElementTree.Element) -> None:
        mask_of(root, RING)[1].set("label", "tree")

    with pytest.raises(UserError, match="a label of class 'tree'"):
        compare_labels(read_exported(exported), read_exported(edited(exported, rename)))
    other = edited(exported, lambda root: None)
    other.rename(other.with_name("annotations.xml"))
    with pytest.raises(UserError, match="video 'annotations' is not in"):
        compare_labels(read_exported(exported), read_exported(other.with_name("annotations.xml")))
    forgotten = read_exported(edited(exported, forget_ids))
    with pytest.raises(UserError, match="labels without a mask id"):
        compare_labels(forgotten, read_exported(exported / f"{VIDEO}.xml"))


def script(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["read_corrections.py", *map(str, arguments)])
    runpy.run_path(str(ROOT / "scripts" / "read_corrections.py"), run_name="__main__")


def test_labels_go_to_cvat_and_come_back_corrected(
    world: World,
    exported: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    corrected = edited(exported, remove_and_rename)
    output = tmp_path / "corrections.csv"
    output.write_text(f"mask_id,verdict,class\n99,accept,\n{RING},accept,\n")
    script(monkeypatch, "--exported", exported, "--corrected", corrected, "--output", output)
    assert "1 labels are gone: rejected; 1 have another class: renamed; 1 stay" in capsys.readouterr().out
    corrections = read_corrections(output, NAMES.values())
    assert corrections.pop(99) == Correction("accept")
    assert corrections == {LARGE: Correction("reject"), RING: Correction("rename", NAMES[5])}

    table = read_table(world.shards.labels[0], LABELS)
    columns: dict[str, Any] = {
        name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names
    }
    ids = {name: number for number, name in NAMES.items()}
    monkeypatch.setattr("uvis_core.labels.corrections.read_table", lambda path, *_: table)
    checked = check_corrections(corrections, ["crops"], ids)
    write_table(world.shards.labels[0], LABELS, apply_corrections(columns, pa.table(checked)))
    ((_, labels),) = world.content("labels").videos_with_objects()
    assert {label.object_id: label.class_id for label in labels} == {CROSS: 5, RING: 5}

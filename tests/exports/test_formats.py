from pathlib import Path
from typing import get_args

import pytest

from tests.exports.world import World
from uvis_core.config.base import validated
from uvis_core.config.exports import SINGLE_FILES, Exported, ExportFormat, ExportsSettings, holds
from uvis_core.exports.formats import FILES, FOLDERS, write_export
from uvis_core.io.errors import UserError

EVERY = [(name, of) for name in get_args(ExportFormat) for of in get_args(Exported) if holds(name, of)]


def test_every_format_of_the_configuration_can_be_written() -> None:
    assert set(FILES) == SINGLE_FILES
    assert {*FILES, *FOLDERS} == set(get_args(ExportFormat))
    assert set(FILES["ytvis"]) == set(ExportsSettings().of)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(("name", "of"), EVERY)
def test_equal_tables_give_equal_bytes(
    name: ExportFormat, of: Exported, world: World, tmp_path: Path
) -> None:
    ending = "test.json" if name in SINGLE_FILES else "test/index.json"
    write_export(tmp_path / "out" / ending, name, world.content(of))
    first = content_of(tmp_path / "out")
    write_export(tmp_path / "out" / ending, name, world.content(of))
    assert content_of(tmp_path / "out") == first
    assert ending in first


@pytest.mark.parametrize(("name", "of"), EVERY)
def test_a_split_without_objects_can_be_written(
    name: ExportFormat, of: Exported, world: World, tmp_path: Path
) -> None:
    ending = "test.json" if name in SINGLE_FILES else "test/index.json"
    write_export(tmp_path / ending, name, world.content(of, min_score=1.0))
    assert (tmp_path / ending).is_file()


def test_what_a_format_cannot_hold_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="davis cannot hold labels"):
        write_export(tmp_path / "x" / "index.json", "davis", world.content("labels"))
    with pytest.raises(UserError, match="mots cannot hold labels"):
        validated(ExportsSettings, {"formats": ["mots"], "of": "labels"}, "here")
    assert ExportsSettings(formats=("mots", "coco"), of="tracks").of == ("tracks",)

"""What is missing of a data set is named before anything runs, with what to download."""

import shutil
from pathlib import Path

import pytest

from tests.fake_datasets import LAYOUTS, make_dataset
from uvis_core.config.frames import SourceKind, SourceSettings
from uvis_core.frames.layout import check_files, check_images
from uvis_core.frames.sources import list_videos
from uvis_core.io.errors import UserError

OBTAIN = "download the data set"


def source_of(root: Path, name: str) -> SourceSettings:
    layout = LAYOUTS[name]
    annotated = str(root / layout.json)
    return SourceSettings(kind="ytvis", path=annotated, truth=annotated, image_root=str(root / layout.images))


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_whole_data_set_passes(tmp_path: Path, name: str) -> None:
    make_dataset(tmp_path, name, videos=4)
    source = source_of(tmp_path, name)
    check_files(source, OBTAIN)
    check_images(list_videos(source), 0.0, OBTAIN)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("ovis/annotations", r"annotations_train\.json: no such file \(the source's key 'path'\)"),
        ("ovis/train", r"ovis/train: no such folder \(the source's key 'image_root'\)"),
    ],
)
def test_a_missing_folder_is_named_with_the_fix(tmp_path: Path, missing: str, words: str) -> None:
    make_dataset(tmp_path, "ovis", videos=4)
    shutil.rmtree(tmp_path / missing)
    with pytest.raises(UserError, match=rf"{words}\n  fix: download the data set; or correct"):
        check_files(source_of(tmp_path, "ovis"), OBTAIN)


def test_truth_of_its_own_is_looked_for_too(tmp_path: Path) -> None:
    make_dataset(tmp_path, "ovis", videos=4)
    source = source_of(tmp_path, "ovis").model_copy(update={"truth": "nowhere.json"})
    with pytest.raises(UserError, match=r"nowhere\.json: no such file \(the source's key 'truth'\)"):
        check_files(source, None)


def test_missing_videos_are_counted_and_named(tmp_path: Path) -> None:
    make_dataset(tmp_path, "ytvis2021", videos=10)
    source = source_of(tmp_path, "ytvis2021")
    entries = list_videos(source)
    for entry in entries[:4]:
        shutil.rmtree(Path(entry.path) / entry.video_id)
    check_images(entries, 0.4, OBTAIN)
    with pytest.raises(UserError, match="images of 4 of 10 videos are missing") as error:
        check_images(entries, 0.3, OBTAIN)
    assert all(f"JPEGImages/{entry.video_id}" in str(error.value) for entry in entries[:3])
    assert OBTAIN in str(error.value)


@pytest.mark.parametrize("kind", ["frame_folders", "images"])
def test_a_missing_folder_of_images_is_named_with_the_fix(tmp_path: Path, kind: SourceKind) -> None:
    folder = tmp_path / "clips"
    source = SourceSettings(kind=kind, path=str(folder))
    with pytest.raises(UserError, match="clips: no such folder") as error:
        check_files(source, OBTAIN)
    assert OBTAIN in error.value.fix
    folder.mkdir()
    check_files(source, OBTAIN)

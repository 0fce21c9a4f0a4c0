import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from uvis_core.config.frames import FramesSettings
from uvis_core.frames import extraction
from uvis_core.frames.extraction import extract_shard, shown_path
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.atomic import partial_path
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image, write_image
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table, write_table
from uvis_core.io.video import write_video


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def video(name: str, count: int = 6) -> VideoEntry:
    """Frame number n is grey of value 20 n."""
    images = [np.full((32, 48, 3), 20 * number, dtype=np.uint8) for number in range(count)]
    write_video(f"{name}.mp4", images, fps=10)
    return VideoEntry(name, "video", f"{name}.mp4")


def folder(name: str, sizes: list[tuple[int, int]]) -> VideoEntry:
    for number, (height, width) in enumerate(sizes):
        write_image(Path(name) / f"{number}.png", np.zeros((height, width, 3), dtype=np.uint8))
    return VideoEntry(name, "images", name, tuple(f"{number}.png" for number in range(len(sizes))))


def test_frames_are_decoded_once_and_listed(tmp_path: Path) -> None:
    columns, failures, _ = extract_shard(
        [video("a"), video("b", 2)], FramesSettings(stride=2), "images", workers=2
    )
    assert failures == []
    assert columns["video_id"] == ["a", "a", "a", "b"]
    assert columns["frame_index"] == [0, 1, 2, 0]
    assert columns["path"] == [
        "images/a/00000.jpg",
        "images/a/00001.jpg",
        "images/a/00002.jpg",
        "images/b/00000.jpg",
    ]
    assert columns["timestamp_s"] == pytest.approx([0, 0.2, 0.4, 0])
    assert set(zip(columns["height_px"], columns["width_px"], strict=True)) == {(32, 48)}
    for path, number in zip(columns["path"], [0, 2, 4, 0], strict=True):
        assert abs(int(read_image(path).mean()) - 20 * number) < 6
    write_table("f.parquet", FRAMES, columns)
    assert len(read_table("f.parquet", FRAMES)) == 4


def test_png_is_exact_and_equal_input_gives_equal_files(tmp_path: Path) -> None:
    entry = video("a")
    first, _, _ = extract_shard([entry], FramesSettings(image_format="png"), "one")
    again, _, _ = extract_shard([entry], FramesSettings(image_format="png"), "two")
    for one, two in zip(first["path"], again["path"], strict=True):
        assert one.endswith(".png")
        assert Path(one).read_bytes() == Path(two).read_bytes()


def test_an_older_folder_is_replaced_whole() -> None:
    write_image(Path("images/a/00077.jpg"), np.zeros((4, 4, 3), dtype=np.uint8))
    partial = partial_path(Path("images/a"))
    write_image(partial / "00000.jpg", np.zeros((4, 4, 3), dtype=np.uint8))
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    partial.rename(partial.with_name(partial.name.replace(f"-{os.getpid()}-", f"-{killed.pid}-")))
    extract_shard([video("a", 2)], FramesSettings(), "images")
    assert sorted(path.name for path in Path("images").iterdir()) == ["a"]
    assert sorted(path.name for path in Path("images/a").iterdir()) == ["00000.jpg", "00001.jpg"]


def test_another_process_that_makes_the_same_frames_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    entry, rename = video("a", 2), Path.rename
    appear = iter([1, 2])

    def late(path: Path, target: Path) -> Path:
        if target.name == "a" and next(appear, None):
            write_image(target / "00077.jpg", np.zeros((4, 4, 3), dtype=np.uint8))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    extract_shard([entry], FramesSettings(), "images")
    assert next(appear, None) is None
    assert sorted(path.name for path in Path("images").iterdir()) == ["a"]
    assert sorted(path.name for path in Path("images/a").iterdir()) == ["00000.jpg", "00001.jpg"]


def test_a_broken_video_is_noted_and_leaves_nothing() -> None:
    whole, cut = video("a"), video("b")
    content = Path("b.mp4").read_bytes()
    Path("b.mp4").write_bytes(content[: len(content) // 2])
    columns, failures, _ = extract_shard([cut, whole], FramesSettings(), "images")
    assert set(columns["video_id"]) == {"a"}
    assert [(failure["video_id"], failure["path"]) for failure in failures] == [("b", "b.mp4")]
    assert "cannot be decoded" in failures[0]["reason"]
    assert [path.name for path in Path("images").iterdir()] == ["a"]


def test_existing_images_are_only_indexed() -> None:
    columns, failures, _ = extract_shard([folder("v", [(4, 6)] * 5)], FramesSettings(stride=2), "images")
    assert failures == []
    assert columns["path"] == ["v/0.png", "v/2.png", "v/4.png"]
    assert columns["timestamp_s"] == [0, 2, 4]
    assert columns["frame_index"] == [0, 1, 2]
    assert not Path("images").exists()


def test_images_keep_the_order_of_the_plan() -> None:
    folder("v", [(4, 6)] * 3)
    entry = VideoEntry("v", "images", "v", ("2.png", "0.png", "1.png"))
    columns, _, _ = extract_shard([entry], FramesSettings(), "images")
    assert columns["path"] == ["v/2.png", "v/0.png", "v/1.png"]
    assert columns["frame_index"] == [0, 1, 2]


def test_images_have_no_rate() -> None:
    with pytest.raises(UserError, match="images carry no time"):
        extract_shard([folder("v", [(4, 6)])], FramesSettings(fps=5), "images")


@pytest.mark.parametrize("kind", ["video", "images"])
def test_the_digest_is_that_of_the_content_and_of_nothing_else(kind: str) -> None:
    entry = video("v") if kind == "video" else folder("v", [(4, 6)] * 2)
    file = Path("v.mp4") if kind == "video" else Path("v/1.png")
    content = file.read_bytes()
    _, _, before = extract_shard([entry], FramesSettings(), "images")
    os.utime(file, ns=(1, 1))
    assert extract_shard([entry], FramesSettings(), "images")[2] == before
    if kind == "video":
        video("v", 5)
    else:
        write_image(file, np.full((4, 6, 3), 9, dtype=np.uint8))
    assert file.read_bytes() != content
    assert extract_shard([entry], FramesSettings(), "images")[2] != before


def test_mixed_sizes_and_unreadable_images_fail() -> None:
    mixed, broken = folder("mixed", [(4, 6), (6, 4)]), folder("broken", [(4, 6)])
    Path("broken/0.png").write_bytes(b"")
    missing = VideoEntry("missing", "images", "mixed", ("0.png", "9.png"))
    columns, failures, _ = extract_shard([mixed, broken, missing], FramesSettings(), "images")
    assert columns["video_id"] == []
    assert [failure["video_id"] for failure in failures] == ["mixed", "broken", "missing"]
    assert "6 x 4 pixels, the first one 4 x 6" in failures[0]["reason"]


def test_an_empty_shard_of_rows_can_be_written() -> None:
    columns, _, _ = extract_shard([], FramesSettings(), "images")
    write_table("f.parquet", FRAMES, columns)
    assert len(read_table("f.parquet", FRAMES)) == 0


def test_paths_are_relative_inside_the_working_folder_only(tmp_path: Path) -> None:
    assert shown_path("a/b.jpg") == "a/b.jpg"
    assert shown_path(tmp_path / "a.jpg") == "a.jpg"
    assert shown_path("../a.jpg") == str(tmp_path.parent / "a.jpg")


def test_the_log_says_how_far_a_long_video_has_come(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(extraction, "TOLD_EVERY", 4)
    caplog.set_level(logging.INFO, "uvis")
    extract_shard([video("a", 10)], FramesSettings(stride=3), "images")
    assert [record.getMessage() for record in caplog.records] == [
        "a.mp4: 4 frames decoded, up to 0.3 s",
        "a.mp4: 8 frames decoded, up to 0.7 s",
    ]

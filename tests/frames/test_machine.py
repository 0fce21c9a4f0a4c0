"""Faults of the machine stop the frames stage; none of them is noted as the fault of a video."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import av
import numpy as np
import pytest

from tests.frames.test_scripts import script
from tests.io.odd_videos import encode, moving
from uvis_core.config.frames import FramesSettings
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.sources import VideoEntry, state_of
from uvis_core.io import video
from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.images import write_image
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table

MACHINES = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES, errno.EMFILE, errno.ENOMEM, errno.EROFS]
SPACE_KIB = 256


def listed(video_id: str, kind: str = "video") -> VideoEntry:
    """A sound video, as a listing of its source gives it."""
    if kind == "video":
        entry = VideoEntry(video_id, "video", str(encode(Path(f"{video_id}.mp4"))))
    else:
        for number, image in enumerate(moving(3)):
            write_image(Path(video_id) / f"{number}.png", image)
        entry = VideoEntry(video_id, "images", video_id, ("0.png", "1.png", "2.png"))
    return VideoEntry(video_id, entry.kind, entry.path, entry.file_names, state_of(entry))


def failing(number: int, after: int) -> type[FileIO]:
    """The class of videos' files, of a disk that fails after so many reads."""
    calls = iter(range(10**6))

    class Disk(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if next(calls) >= after:
                raise OSError(number, os.strerror(number))
            return super().read(size) or b""

    class WatchedFile(video._WatchedFile, Disk):
        pass

    return WatchedFile


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of ``SPACE_KIB``."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SPACE_KIB}k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no program 'mount' here to make a small disk with")
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_job_and_the_next_one_does_it_whole(tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "videos").mkdir()
    for name in "abc":
        encode(tmp_path / "videos" / f"{name}.mp4")
    source = ["--source.kind", "videos", "--source.path", tmp_path / "videos"]
    assert script("plan_videos.py", *source, "--output", tmp_path / "plan.parquet").returncode == 0

    def job(folder: Path) -> subprocess.CompletedProcess[str]:
        plan = ["--plan", tmp_path / "plan.parquet", "--shard", "shard-00-of-01", "--image-format", "png"]
        paths = ["--output", folder / "f.parquet", "--failures", folder / "f.json"]
        return script("extract_frames.py", *plan, *paths, "--image-folder", folder / "images")

    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes((SPACE_KIB - 60) * 1024))
    full = job(small_disk)
    assert full.returncode == 1
    assert "frames cannot be written (No space left on device)" in full.stderr
    assert "fix: free some space" in full.stderr
    assert "Traceback" not in full.stderr
    assert not (small_disk / "f.json").exists()
    assert not (small_disk / "f.parquet").exists()
    ballast.unlink()
    again = job(small_disk)
    assert again.returncode == 0, again.stderr
    assert json.loads((small_disk / "f.json").read_text()) == []
    assert job(tmp_path / "wide").returncode == 0
    assert len(read_table(small_disk / "f.parquet", FRAMES)) == 36
    images = sorted((tmp_path / "wide" / "images").rglob("*.png"))
    assert len(images) == 36
    for image in images:
        assert (small_disk / image.relative_to(tmp_path / "wide")).read_bytes() == image.read_bytes()


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def system_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def stops_and_then_works(
    entry: VideoEntry, monkeypatch: pytest.MonkeyPatch, place: str, fault: object
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(place, fault)
        with pytest.raises(MachineError) as caught:
            extract_shard([entry], FramesSettings(), "images")
    assert entry.video_id in caught.value.message
    assert not list(Path("images").glob(".partial-*"))
    columns, failures, _ = extract_shard([entry], FramesSettings(), "images")
    assert failures == []
    assert set(columns["video_id"]) == {entry.video_id}


@pytest.mark.parametrize("number", MACHINES, ids=errno.errorcode.get)
@pytest.mark.parametrize("after", [0, 1, 9])
def test_a_video_that_the_machine_cannot_read_is_not_broken(
    monkeypatch: pytest.MonkeyPatch, number: int, after: int
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (12, 240, 320, 3), dtype=np.uint8)
    video.write_video("a.mp4", noise, fps=25)
    entry = VideoEntry("a", "video", "a.mp4")
    entry = VideoEntry("a", "video", "a.mp4", state=state_of(entry))
    stops_and_then_works(entry, monkeypatch, "uvis_core.io.video._WatchedFile", failing(number, after))


@pytest.mark.parametrize("number", MACHINES, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("video", "uvis_core.io.video._WatchedFile"),
        ("video", "uvis_core.frames.extraction.save_image"),
        ("video", "uvis_core.frames.extraction.content_digest"),
        ("video", "pathlib.Path.rename"),
        ("images", "PIL.Image.open"),
        ("images", "uvis_core.frames.extraction.content_digest"),
    ],
)
def test_the_machines_faults_stop_the_job(
    monkeypatch: pytest.MonkeyPatch, number: int, kind: str, place: str
) -> None:
    stops_and_then_works(listed("a", kind), monkeypatch, place, raising(system_error(number)))


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("video", "numpy.rot90"),
        ("video", "uvis_core.frames.extraction.save_image"),
        ("images", "PIL.Image.open"),
    ],
)
def test_want_of_memory_stops_the_job(monkeypatch: pytest.MonkeyPatch, kind: str, place: str) -> None:
    stops_and_then_works(listed("a", kind), monkeypatch, place, raising(MemoryError()))


def test_what_ffmpeg_lacks_in_memory_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory")
    monkeypatch.setattr("mmap.mmap", raising(system_error(errno.ENOMEM)))
    stops_and_then_works(listed("a"), monkeypatch, "av.open", raising(lacking))


@pytest.mark.parametrize("kind", ["video", "images"])
def test_what_is_gone_since_the_listing_stops_the_job(kind: str) -> None:
    gone, whole = listed("a", kind), listed("b")
    place = Path(gone.path)
    place.rename("elsewhere")
    with pytest.raises(UserError, match="its files are not what they were when the videos were listed"):
        extract_shard([gone, whole], FramesSettings(), "images")
    Path("elsewhere").rename(place)
    assert extract_shard([gone, whole], FramesSettings(), "images")[1] == []


def test_a_video_that_is_still_being_copied_stops_the_job() -> None:
    whole = encode(Path("a.mp4")).read_bytes()
    Path("a.mp4").write_bytes(whole[: len(whole) // 2])
    entry = VideoEntry("a", "video", "a.mp4")
    half = VideoEntry("a", "video", "a.mp4", state=state_of(entry))
    assert "cannot be decoded" in extract_shard([half], FramesSettings(), "images")[1][0]["reason"]
    Path("a.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(UserError, match="start the workflow again"):
        extract_shard([half], FramesSettings(), "images")


def test_an_older_folder_that_cannot_be_removed_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = listed("a")
    extract_shard([entry], FramesSettings(), "images")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refusing)
        with pytest.raises(MachineError, match="Read-only file system"):
            extract_shard([entry], FramesSettings(), "images")


def refusing(path: Path, ignore_errors: bool = False) -> None:
    if not ignore_errors:
        raise system_error(errno.EROFS)

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from tests.predict.conftest import FPS, HEIGHT, TESTED, WIDTH, make_video
from uvis_core.config.predict import PredictSettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.exports.tracks import track_content
from uvis_core.exports.ytvis import write_tracks
from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.images import write_image
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table, write_table
from uvis_core.io.video import decode_video
from uvis_core.predict import predict
from uvis_core.predict.inputs import find_videos
from uvis_core.predict.model import load_predictor
from uvis_core.tracks.track import track_shard

CPU = torch.device("cpu")
DRAW_ALL = PredictSettings(min_score=0)


@pytest.fixture(scope="module")
def predictor(model):
    return load_predictor(model, DRAW_ALL, None, CPU)


@pytest.fixture(scope="module")
def entries(videos):
    return find_videos([str(videos / "one.mp4"), str(videos / "more")])


@pytest.fixture(scope="module")
def out(entries, predictor, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    predict.predict_videos(entries, predictor, folder, window=4)
    return folder


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_video_has_an_overlay_of_all_its_frames(out):
    for name, frames in (("one", 14), ("two", 5)):
        shapes = [image.shape for _, image in decode_video(out / "overlays" / f"{name}.mp4")]
        assert shapes == [(5 * HEIGHT, 5 * WIDTH, 3)] * frames
        assert (out / "overlays" / f"{name}.jpg").is_file()
    assert json.loads((out / "failures.json").read_text()) == []


def test_the_overlay_keeps_the_clock(out):
    times = [time for time, _ in decode_video(out / "overlays" / "one.mp4")]
    assert np.diff(times) == pytest.approx(np.full(13, 1 / FPS))


@pytest.fixture(scope="module")
def by_the_stage(entries, model, tmp_path_factory):
    """Tables of frames and tracks as the workflow's stages make them, of exactly the decoded pixels."""
    folder = tmp_path_factory.mktemp("stage")
    columns = {name: [] for name in FRAMES.columns.names}
    for entry in entries:
        for place, (time_s, image) in enumerate(decode_video(entry.path)):
            path = folder / entry.video_id / f"{place}.png"
            write_image(path, image)
            row = entry.video_id, place, str(path), HEIGHT, WIDTH, time_s
            for name, value in zip(columns, row, strict=True):
                columns[name].append(value)
    write_table(folder / "frames.parquet", FRAMES, columns)
    frames = read_table(folder / "frames.parquet", FRAMES)
    tracks = track_shard(frames, model, TracksSettings(**TESTED), device=CPU, window=4, workers=0)
    write_table(folder / "tracks.parquet", TRACKS, tracks)
    return folder


def test_tracks_are_those_of_the_tracks_stage(out, by_the_stage):
    found = read_table(out / "tracks.parquet", TRACKS)
    assert found.num_rows > 0
    assert found.equals(read_table(by_the_stage / "tracks.parquet", TRACKS))
    for name in ("one", "two"):
        alone = read_table(out / "tracks" / f"{name}.parquet", TRACKS)
        assert alone.equals(read_table(out / "tracks.parquet", TRACKS, video_id=name))


def test_clips_are_those_of_the_tracks_stage(entries, model, by_the_stage, tmp_path):
    """Of windows of four frames, of which neighbours share one."""
    said = PredictSettings(min_score=1, tracker="clip", clip_frames=4, overlap=1)
    predict.predict_videos(entries, load_predictor(model, said, None, CPU), tmp_path / "out", window=3)
    settings = TracksSettings(**(TESTED | {"tracker": "clip", "clip_frames": 4, "overlap": 1}))
    frames = read_table(by_the_stage / "frames.parquet", FRAMES)
    tracks = track_shard(frames, model, settings, device=CPU, window=8, workers=0)
    write_table(tmp_path / "tracks.parquet", TRACKS, tracks)
    found = read_table(tmp_path / "out" / "tracks.parquet", TRACKS)
    assert found.num_rows > 0
    assert found.equals(read_table(tmp_path / "tracks.parquet", TRACKS))


def test_the_json_is_that_of_the_exports_stage(out, by_the_stage, tmp_path):
    tables = [by_the_stage / "tracks.parquet"], [by_the_stage / "frames.parquet"]
    write_tracks(tmp_path / "tracks.json", track_content(*tables, {3: "star", 8: "ring"}))
    assert (out / "tracks.json").read_bytes() == (tmp_path / "tracks.json").read_bytes()


def test_equal_inputs_give_equal_bytes(entries, predictor, out, tmp_path):
    predict.predict_videos(entries, predictor, tmp_path, window=4)
    assert content(tmp_path) == content(out)


def test_finished_videos_are_not_computed_again(entries, predictor, out, monkeypatch):
    before = content(out)
    monkeypatch.setattr(predict, "streamed_tracks", None)
    predict.predict_videos(entries, predictor, out, window=4)
    assert content(out) == before


@pytest.mark.parametrize(
    "change", ["min_score", "tracks", "digest", "lost overlay", "damaged table", "another video"]
)
def test_what_changed_is_computed_again(entries, predictor, tmp_path, monkeypatch, change):
    one = entries[:1]
    predict.predict_videos(one, predictor, tmp_path, window=4)
    other = predictor
    if change == "lost overlay":
        (tmp_path / "overlays" / "one.mp4").unlink()
    elif change == "damaged table":
        (tmp_path / "tracks" / "one.parquet").write_bytes(b"PAR1")
    elif change == "another video":
        one = [replace(one[0], state="other")]
    else:
        tracks = predictor.tracks.model_copy(update={"memory_weight": 0.75})
        values = {"min_score": 0.5, "tracks": tracks, "digest": "other"}
        other = replace(predictor, **{change: values[change]})
    computed = []
    monkeypatch.setattr(predict, "_predict_video", lambda *arguments: computed.append(arguments[0].video_id))
    monkeypatch.setattr(predict, "write_joint", lambda *arguments: None)
    predict.predict_videos(one, other, tmp_path, window=4)
    assert computed == ["one"]


def test_a_broken_video_is_noted_and_the_others_go_on(videos, predictor, tmp_path):
    broken = tmp_path / "videos" / "broken.mp4"
    broken.parent.mkdir()
    broken.write_bytes((videos / "one.mp4").read_bytes()[:2000])
    entries = find_videos([str(videos / "more"), str(broken)])
    with pytest.raises(UserError, match=r"1 of 2 videos could not be used: .*broken\.mp4"):
        predict.predict_videos(entries, predictor, tmp_path / "out", window=4)
    (failure,) = json.loads((tmp_path / "out" / "failures.json").read_text())
    assert (failure["video_id"], failure["path"]) == ("broken", str(broken))
    assert "broken.mp4" in failure["reason"]
    assert set(read_table(tmp_path / "out" / "tracks.parquet", TRACKS)["video_id"].to_pylist()) == {"two"}
    names = {path.name for path in (tmp_path / "out" / "overlays").iterdir()}
    assert names == {"two.mp4", "two.jpg"}


def test_a_video_whose_size_changes_is_broken(predictor, entries, tmp_path, monkeypatch):
    sizes = iter([(48, 64), (48, 64), (24, 32)])
    frames = ((float(place), np.zeros((*size, 3), dtype=np.uint8)) for place, size in enumerate(sizes))
    monkeypatch.setattr("uvis_core.predict.windows.decode_video", lambda path: frames)
    with pytest.raises(UserError, match="frame 2 measures 24 x 32 pixels, the first one 48 x 64"):
        predict.predict_videos(entries[:1], predictor, tmp_path, window=4)


def test_the_machines_faults_are_no_videos(predictor, entries, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("uvis_core.tracks.parking.ParkedMasks.append", full)
    with pytest.raises(MachineError, match="cannot hold a video's masks"):
        predict.predict_videos(entries, predictor, tmp_path, window=4)
    assert json.loads((tmp_path / "failures.json").read_text()) == []


def test_an_interrupted_video_leaves_nothing_that_looks_whole(predictor, entries, out, tmp_path, monkeypatch):
    def interrupted(frames, **labels):
        for place, frame in enumerate(frames):
            if labels["name"] == "overlay" and place == 3:
                raise KeyboardInterrupt
            yield frame

    with monkeypatch.context() as patched:
        patched.setattr(predict, "progress", interrupted)
        with pytest.raises(KeyboardInterrupt):
            predict.predict_videos(entries, predictor, tmp_path, window=4)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["failures.json"]
    predict.predict_videos(entries, predictor, tmp_path, window=4)
    assert content(tmp_path) == content(out)


def test_no_tracks_are_a_table_without_rows(entries, predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "_rows", lambda *arguments: iter(()))
    predict.predict_videos(entries[:1], predictor, tmp_path, window=4)
    assert read_table(tmp_path / "tracks.parquet", TRACKS).num_rows == 0
    assert json.loads((tmp_path / "tracks.json").read_text()) == []


PEAK = """
import resource, sys
import torch
from tests.predict.test_predict import CPU
from uvis_core.config.predict import PredictSettings
from uvis_core.predict.inputs import find_videos
from uvis_core.predict.model import load_predictor
from uvis_core.predict.predict import predict_videos

model, video, out = sys.argv[1:]
predictor = load_predictor(model, PredictSettings(min_score=1), None, CPU)
predict_videos(find_videos([video]), predictor, out, window=8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_video(model, tmp_path):
    # 40 frames, then 480, which take 110 MB as they are drawn; each in a process of its own.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    peaks = []
    for frames in (40, 480):
        video = make_video(tmp_path / f"{frames}.mp4", frames)
        command = [sys.executable, "-c", PEAK, str(model), str(video), str(tmp_path / "out")]
        peaks.append(int(subprocess.check_output(command, cwd=ROOT, env=environment, text=True)))
    assert peaks[1] < peaks[0] + 50

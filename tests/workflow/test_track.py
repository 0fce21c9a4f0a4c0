"""A given model tracks videos: no stage that labels or trains is in the plan, and a small run of it is whole."""

import json
import shlex

import pytest
import yaml

from tests.model.tiny import tiny_model
from tests.predict.conftest import make_video
from tests.workflow.conftest import Checkout, copy_repository, merge
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table
from uvis_core.model.checkpoint import save_checkpoint

pytestmark = pytest.mark.slow
VIDEOS = [f"clip-{number}" for number in range(6)]
SHARDS, RUN = 2, "my_run.yaml"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository with a small model and videos, of which one is broken."""
    checkout = copy_repository(tmp_path_factory.mktemp("track"))
    for number, name in enumerate(VIDEOS):
        make_video(checkout.folder / "my_videos" / f"{name}.mp4", 4, seed=number)
    (checkout.folder / "my_videos" / "broken.mp4").write_bytes(b"no video")
    save_checkpoint(tiny_model((1, 2)), checkout.folder / "models" / "model.safetensors")
    (checkout.folder / "words.txt").write_text("cat\ndog\n")
    preset = yaml.safe_load((checkout.folder / "presets" / "track.yaml").read_text())
    own = {
        "vocabulary": "words.txt",
        "shards": 2,
        "training": {"variants": {"given": {"checkpoint": "models/model.safetensors"}}},
        "tracks": {"variants": {"memory": {"short_side_px": 32}}},
    }
    (checkout.folder / RUN).write_text(yaml.safe_dump(merge(preset, own)))
    return checkout


def test_only_frames_tracks_and_exports_are_planned(checkout: Checkout) -> None:
    jobs = checkout.would_run(configfile=RUN)
    assert jobs == {
        "extract_frames": SHARDS,
        "check_frames": 1,
        "track_videos": SHARDS,
        "export_tracks": 1,
        "export_tracks_by_shard": SHARDS,
    }


@pytest.mark.parametrize("stage", ["masks", "crops", "prototypes", "labels", "training", "report"])
def test_there_is_nothing_to_label_or_train(checkout: Checkout, stage: str) -> None:
    assert set(checkout.would_run(stage, configfile=RUN)) <= {stage}


def test_what_needs_training_videos_says_so(checkout: Checkout) -> None:
    output = checkout.snakemake("--dry-run", "tables", configfile=RUN, check=False)
    assert "Traceback" not in output
    assert "fix: " in output


def test_every_readable_video_is_tracked(checkout: Checkout) -> None:
    said = checkout.snakemake("--config", "compute={workers: 1}", configfile=RUN).splitlines()
    assert "tracks: results/tracked/tracks/none-given-memory/seed-0/test" in said
    assert "test, left out: 1 of 7 videos could not be read, see results/tracked/frames/test.json" in said
    # The command that a run ends with has all that this one was given.
    (command,) = (line.partition(": ")[2] for line in said if line.startswith("overlays, other formats: "))
    program, _, _, *again = shlex.split(command)
    assert (program, again[:2]) == ("snakemake", ["--configfile", RUN])
    assert 'compute={"workers": "1"}' in again
    assert again[-2:] == ["--", "exports"]
    exported = checkout.would_run("exports", *again[2:-2], configfile=RUN)
    assert exported.pop("exports") == 1
    assert set(exported) <= {"export_tracks_folder", "export_tracks_by_shard"}
    results = checkout.folder / "results" / "tracked"
    tables = sorted((results / "tracks" / "none-given-memory" / "seed-0" / "test").iterdir())
    tracked = {name for table in tables for name in read_table(table, TRACKS)["video_id"].to_pylist()}
    assert tracked == set(VIDEOS)
    exported = json.loads((results / "exports/ytvis/tracks/none-given-memory/seed-0/test.json").read_text())
    assert {entry["video_name"] for entry in exported} == set(VIDEOS)
    assert {entry["category_name"] for entry in exported} <= {"cat", "dog"}
    overlays = results / "exports/overlay/tracks/none-given-memory/seed-0/test"
    assert {path.stem for path in overlays.glob("shard-*/*.mp4")} == set(VIDEOS)
    summary = json.loads((results / "frames" / "test.json").read_text())
    assert [failure["video_id"] for failure in summary["failures"]] == ["broken"]
    made = {path.name for path in results.iterdir()}
    assert made.isdisjoint({"masks", "crops", "prototypes", "labels", "training", "report"})

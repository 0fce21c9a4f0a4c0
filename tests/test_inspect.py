"""The answers of docs/inspect.md run, and are right, on a small made-up run."""

import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.explorer.made import (
    CODED,
    HEIGHT,
    LENGTH,
    NAMES,
    OBJECTS,
    SHARDS,
    SIDE,
    VIDEOS,
    WIDTH,
    select,
    write_run,
)
from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.run import RunFolder
from uvis_core.io.schemas.labels import KEPT

TEXT = (ROOT / "docs" / "inspect.md").read_text()
OPENING, *_ = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
ANSWERS = dict(re.findall(r"^## (.+?)\n.*?```python\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE))
COUNT = sum(map(len, VIDEOS.values())) * LENGTH * OBJECTS
STRICT = LabelsSettings(objectness=0.7, class_score=0.7, similarity=0.9)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run where the page looks for that of the demo; its one split is tracked too."""
    folder = tmp_path_factory.mktemp("inspect")
    run = write_run(folder)
    (folder / "results").mkdir()
    (folder / "results" / "toy").symlink_to(folder / "made")
    (folder / "vocabularies").mkdir()
    classes = {"classes": [{"id": number, "name": name} for number, name in NAMES.items()]}
    (folder / "vocabularies" / "toy.json").write_text(json.dumps(classes))
    for stage in (folder / "made" / "frames", folder / "made" / "tracks" / "full-minvis-memory" / "seed-0"):
        (stage / "test").symlink_to(stage / "train")
    return run


@pytest.fixture
def ask(made: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What an answer leaves behind, by the words that its question begins with."""
    monkeypatch.chdir(made.path.parent)

    def answer(question: str) -> dict[str, Any]:
        (code,) = (block for title, block in ANSWERS.items() if title.startswith(question))
        names: dict[str, Any] = {}
        exec(OPENING + code.replace("toy-train-000", "a"), names)
        return names

    return answer


def selected(run: RunFolder, settings: LabelsSettings = CODED) -> dict[str, list[Any]]:
    """The labels of both shards, of the thresholds of the run or of others."""
    parts = select(run, settings)
    return {name: [value for part in parts for value in list(part[name])] for name in parts[0]}


def test_there_are_ten_answers_of_at_most_five_lines() -> None:
    assert len(ANSWERS) == 10
    assert max(len(code.splitlines()) for code in ANSWERS.values()) <= 5


def test_masks_of_a_frame_are_drawn(ask: Any) -> None:
    ask("Which masks lie on a frame")
    drawn = np.asarray(Image.open("masks.png"))
    assert drawn.shape == (HEIGHT, WIDTH, 3)
    assert (drawn[0, 0] == 40).all()
    assert (drawn[..., 0] > 150).any()


def test_labels_are_counted_by_video_and_class(ask: Any, made: RunFolder) -> None:
    table = ask("How many labels of each class")["by_video"]
    kept = selected(made)["kept"]
    assert table.to_numpy().sum() == sum(kept) > 0
    assert set(table.columns) <= set(NAMES.values())
    assert set(table.index) == {name for shard in SHARDS for name in VIDEOS[shard]}


def test_what_tau_removed(ask: Any, made: RunFolder) -> None:
    removed = ask("What did τ remove")["removed"]
    assert len(removed) == selected(made)["reason"].count("similarity") > 0
    assert (removed.similarity < 0.6).all()


def test_reasons_are_counted(ask: Any, made: RunFolder) -> None:
    reasons = ask("Why did masks become no label")["reasons"]
    expected = selected(made)["reason"]
    assert reasons.loc["All", "All"] == COUNT
    assert reasons.loc["All", KEPT] == expected.count(KEPT)


def test_other_thresholds_keep_what_the_stage_would_keep(ask: Any, made: RunFolder) -> None:
    kept = ask("How many labels would other thresholds keep")["kept"]
    assert kept[0.9] == sum(selected(made, STRICT)["kept"]) > 0
    assert list(kept.values()) == sorted(kept.values(), reverse=True)


def test_masks_between_two_classes(ask: Any) -> None:
    between = ask("Which masks lie between two classes")["between"]
    # The margin of row n of a shard is n hundredths.
    assert between.margin.tolist() == pytest.approx(np.repeat(np.arange(5) / 100, 2), abs=1e-6)
    assert set(between.second) == {NAMES[3]}


def test_the_most_alike_mask_is_itself(ask: Any) -> None:
    names = ask("Which masks look like this one")
    alike = names["alike"]
    assert alike.likeness.iloc[0] == pytest.approx(1, abs=0.01)
    assert set(alike.class_id) == {names["crops"].class_id[0]}


def test_frames_without_a_label(ask: Any, made: RunFolder) -> None:
    labels = selected(made)
    keys = zip(labels["video_id"], labels["frame_index"], labels["kept"], strict=True)
    labelled = {(video, frame) for video, frame, kept in keys if kept}
    assert ask("Which frames have no label")["without"].sum() == COUNT // OBJECTS - len(labelled) > 0


def test_long_tracks(ask: Any) -> None:
    long = ask("Which tracks are longer")["long"]
    assert len(long) == COUNT // LENGTH
    assert set(long.frames) == {LENGTH}
    assert set(long.name) == set(NAMES.values())


def test_times_and_sizes_of_tracks(ask: Any) -> None:
    seen = ask("From when to when")["seen"]
    assert set(seen.end_s) == {(LENGTH - 1) / 10}
    assert set(seen.area_px) == {SIDE**2}

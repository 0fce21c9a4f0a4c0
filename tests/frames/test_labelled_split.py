"""The labelled split: every video in one part, every class in its share, whatever the order of the file."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_datasets import make_dataset
from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.frames import labelled_split
from uvis_core.frames.labelled_split import held_out_videos, read_annotated, video_classes
from uvis_core.io.errors import UserError

SHARES = st.sampled_from([0.1, 0.2, 0.25, 0.5, 0.7])
NAMES = st.lists(st.text("0123456789abcdef", min_size=1, max_size=8), min_size=30, max_size=80, unique=True)


@st.composite
def several_classes(draw: st.DrawFn) -> dict[str, set[int]]:
    """Videos with no, one or several of six classes."""
    names = draw(NAMES)
    return {name: draw(st.sets(st.integers(1, 6), max_size=3)) for name in names}


@settings(deadline=None)
@given(several_classes(), SHARES, st.integers(0, 5))
def test_deterministic_and_independent_of_the_order(
    classes: dict[str, set[int]], share: float, seed: int
) -> None:
    asked = LabelledSplitSettings(share=share, seed=seed)
    chosen = held_out_videos(classes, asked)
    assert chosen < classes.keys()
    assert chosen
    names = list(classes)
    random.Random(seed).shuffle(names)
    assert held_out_videos({name: classes[name] for name in names}, asked) == chosen


@settings(deadline=None)
@given(NAMES, SHARES, st.data())
def test_single_classes_get_their_share_rounded(names: list[str], share: float, data: st.DataObject) -> None:
    classes = {name: {data.draw(st.integers(1, 4))} for name in names}
    chosen = held_out_videos(classes, LabelledSplitSettings(share=share))
    for class_id in range(1, 5):
        members = [name for name in names if classes[name] == {class_id}]
        assert abs(len(chosen.intersection(members)) - share * len(members)) <= 0.5 + 1e-9


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shares_of_a_data_set_like_the_published_ones(share: float, seed: int) -> None:
    # 2,238 videos, 40 classes of very different frequency, one to three classes in a video.
    draw = random.Random(seed)
    frequency = [1 / (1 + number) for number in range(40)]
    classes = {
        f"v{number}": set(draw.choices(range(1, 41), frequency, k=draw.choice([1, 1, 1, 2, 3])))
        for number in range(2238)
    }
    chosen = held_out_videos(classes, LabelledSplitSettings(share=share, seed=seed))
    assert abs(len(chosen) / len(classes) - share) < 0.01
    for class_id in range(1, 41):
        members = {name for name, found in classes.items() if class_id in found}
        assert abs(len(chosen & members) - share * len(members)) <= 1


def test_another_seed_keeps_others_apart() -> None:
    classes = {f"v{number}": {number % 3 + 1} for number in range(60)}
    chosen = [held_out_videos(classes, LabelledSplitSettings(seed=seed)) for seed in (0, 1)]
    assert chosen[0] != chosen[1]
    assert len(chosen[0]) == len(chosen[1]) == 12


def test_the_choice_is_the_same_for_ever() -> None:
    # Figures of two people compare only if their sub-val is the same: a change here is a change of every figure.
    classes = {f"video-{number}": {number % 2 + 1} for number in range(10)}
    # Of each class of five, the last by hash: four are missing on one side before the first is on the other.
    assert held_out_videos(classes, LabelledSplitSettings(share=0.2)) == {"video-2", "video-3"}


@pytest.mark.parametrize("videos", [1, 2])
def test_too_few_videos_are_refused(videos: int) -> None:
    with pytest.raises(UserError, match="leaves one part without any"):
        held_out_videos({f"v{number}": {1} for number in range(videos)}, LabelledSplitSettings(share=0.1))


def test_the_json_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_dataset(tmp_path, "ovis", videos=5)
    first = read_annotated(path, tmp_path / "cache")
    assert first == read_annotated(path)
    assert first.classes["9e3779b1"] == {1}
    opened: list[str] = []
    read = labelled_split.iterate_items
    monkeypatch.setattr(
        labelled_split,
        "iterate_items",
        lambda path, place: opened.append(Path(path).name) or read(path, place),
    )
    assert read_annotated(path, tmp_path / "cache") == first
    assert path.name not in opened
    # The same content at another time has the same digest.
    path.write_text(path.read_text())
    assert read_annotated(path, tmp_path / "cache") == first
    content = json.loads(path.read_text())
    content["annotations"][0]["category_id"] = 7
    path.write_text(json.dumps(content))
    changed = read_annotated(path, tmp_path / "cache")
    assert changed.digest != first.digest
    assert changed.classes["9e3779b1"] == {7}
    assert path.name in opened


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    path = make_dataset(tmp_path, "ovis", videos=5)
    first = read_annotated(path, tmp_path / "cache")
    for content in ("{", "{}", "[]"):
        next((tmp_path / "cache").iterdir()).write_text(content)
        assert read_annotated(path, tmp_path / "cache") == first


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"videos": [{"id": 1, "file_names": ["a/0.jpg"]}], "annotations": None}, "holds no annotations"),
        ({"annotations": [{}]}, "holds no videos"),
        ({"videos": [{"id": 1}], "annotations": [{"video_id": 2, "category_id": 1}]}, "incomplete"),
        ({"videos": [{"id": 1}], "annotations": [{"video_id": 1}]}, "incomplete"),
        ({"videos": [{}], "annotations": [{"video_id": 1}]}, "incomplete"),
        ([], "holds no videos"),
    ],
)
def test_a_json_without_labels_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    (tmp_path / "train.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=words):
        video_classes(tmp_path / "train.json")

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from uvis_core.frames.plan import index_of, plan_shards, read_index, shard_name, shard_of, write_index
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.errors import UserError

NAMES = st.lists(st.text(min_size=1), unique=True, max_size=20)


def entries(names: list[str]) -> list[VideoEntry]:
    return [VideoEntry(name, "video", f"{name}.mp4") for name in names]


@given(NAMES, st.integers(1, 12))
def test_every_video_is_in_one_shard_and_no_shard_is_empty(names: list[str], shards: int) -> None:
    planned = plan_shards(entries(names), shards)
    assert sorted(entry.video_id for shard in planned.values() for entry in shard) == sorted(names)
    assert all(planned.values())
    assert list(planned) == sorted(planned)


@given(NAMES, st.text(min_size=1), st.integers(1, 12))
def test_one_more_video_dirties_one_shard(names: list[str], added: str, shards: int) -> None:
    before = plan_shards(entries([name for name in names if name != added]), shards)
    after = plan_shards(entries([name for name in names if name != added] + [added]), shards)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {shard_name(shard_of(added, shards), shards)}


def test_the_hash_never_changes() -> None:
    """Another hash would redo every shard of everybody's results."""
    assert [shard_of(name, 16) for name in ("toy-train-000", "0043f083b5", "ä")] == [0, 2, 12]


def test_shards_are_about_even() -> None:
    sizes = [
        len(shard) for shard in plan_shards(entries([f"v{index}" for index in range(3000)]), 16).values()
    ]
    assert min(sizes) > 130
    assert max(sizes) < 250


@pytest.mark.parametrize(
    ("shard", "shards", "name"),
    [(0, 4, "shard-00-of-04"), (63, 64, "shard-63-of-64"), (7, 128, "shard-007-of-128")],
)
def test_names_sort_like_numbers(shard: int, shards: int, name: str) -> None:
    assert shard_name(shard, shards) == name


def test_no_shards_are_refused() -> None:
    with pytest.raises(UserError, match="0 shards"):
        plan_shards([], 0)


@pytest.mark.parametrize(
    "changed",
    [
        VideoEntry("v", "images", "root", ("b.jpg", "a.jpg"), "s"),
        VideoEntry("v", "images", "root", ("a.jpg",), "s"),
        VideoEntry("v", "images", "elsewhere", ("a.jpg", "b.jpg"), "s"),
        VideoEntry("w", "images", "root", ("a.jpg", "b.jpg"), "s"),
        VideoEntry("v", "images", "root", ("a.jpg", "b.jpg"), "another"),
    ],
    ids=["order", "fewer", "place", "name", "state"],
)
def test_the_digest_of_a_shard_sees_what_changes(changed: VideoEntry) -> None:
    before = index_of({"s": [VideoEntry("v", "images", "root", ("a.jpg", "b.jpg"), "s")]})
    assert index_of({"s": [changed]}) != before
    assert before["s"].videos == 1


def test_an_index_comes_back(tmp_path: Path) -> None:
    index = index_of(plan_shards(entries(["a", "b", "c"]), 2))
    write_index(tmp_path / "i.json", index)
    assert read_index(tmp_path / "i.json") == index


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"shards": {"a": 1}}', '{"shards": {"a": {"x": 1}}}']
)
def test_a_damaged_index_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "i.json").write_text(content)
    assert read_index(tmp_path / "i.json") is None
    assert read_index(tmp_path / "nowhere.json") is None


def test_the_index_is_read_without_what_takes_long_to_import() -> None:
    """Every job of a cluster parses the workflow and reads it."""
    code = "import sys, uvis_core.frames.plan; print([n for n in ('pyarrow', 'torch', 'pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.frames.plan import entries_digest, plan_shards, shard_entries, shard_name, shard_of
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
    for name, shard in planned.items():
        assert shard_entries(entries(names), name) == shard


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


@pytest.mark.parametrize("name", ["shard-09-of-02", "nonsense", "shard-00-of-00", "shard-0-of-2"])
def test_an_unknown_shard_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        shard_entries(entries(["a", "b", "c"]), name)


def test_no_shards_are_refused() -> None:
    with pytest.raises(UserError, match="0 shards"):
        plan_shards([], 0)


def test_the_digest_sees_images_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").touch()
    folder = [VideoEntry("v", "folder", str(tmp_path))]
    before = entries_digest(folder)
    (tmp_path / "notes.txt").touch()
    assert entries_digest(folder) == before
    (tmp_path / "2.jpg").touch()
    assert entries_digest(folder) != before


def test_the_digest_sees_a_json_reorder_its_images() -> None:
    one = VideoEntry("v", "ytvis", "root", ("a.jpg", "b.jpg"))
    other = VideoEntry("v", "ytvis", "root", ("b.jpg", "a.jpg"))
    assert entries_digest([one]) == entries_digest([one])
    assert entries_digest([one]) != entries_digest([other])

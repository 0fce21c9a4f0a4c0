from pathlib import Path

import pytest

from tests.explorer.made import NAMES, write_run
from uvis_core.explorer.rows import read_rows
from uvis_core.explorer.run import PARTS, RunFolder, open_run
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError


def test_a_whole_run_serves_every_part(run: RunFolder) -> None:
    assert run.dataset == "made"
    assert run.class_names == NAMES
    assert [run.unavailable(part) for part in PARTS] == [""] * 4
    split = run.splits["train"]
    assert list(split.labels) == ["full"]
    assert list(split.tracks) == ["full-minvis-memory/seed-0"]
    assert split.truth == run.path / "truth" / "train.parquet"


@pytest.mark.parametrize(
    ("stages", "parts", "stage"),
    [
        (["frames"], ["See"], "masks"),
        (["frames", "masks"], ["See"], "crops"),
        (["frames", "masks", "crops"], ["See"], "prototypes"),
        (["frames", "masks", "crops", "prototypes"], list(PARTS), ""),
    ],
)
def test_of_a_run_that_is_half_finished_it_says_which_parts_there_are(
    tmp_path: Path, stages: list[str], parts: list[str], stage: str
) -> None:
    run = write_run(tmp_path, stages)
    assert [part for part in PARTS if not run.unavailable(part)] == parts
    for part in set(PARTS) - set(parts):
        assert f"the stage {stage}" in run.unavailable(part)
        assert f"snakemake --cores 2 {stage}" in run.unavailable(part)


def test_a_shard_that_is_missing_makes_a_stage_unfinished(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    run.splits["train"].tables["crops"][1].unlink()
    assert "the stage crops" in open_run(run.path).unavailable("Tune")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "no such results folder"),
        ("empty", "is no run"),
        ("planned", "has not finished the frames"),
    ],
)
def test_folders_that_are_no_run_are_refused_in_words(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    write_json(tmp_path / "planned" / "plan" / "train.json", {"shards": {"shard-00-of-01": {}}})
    with pytest.raises(UserError, match=words) as caught:
        open_run(tmp_path / name)
    assert caught.value.fix


def test_the_runs_beside_a_folder_that_is_not_there_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path, ["frames"])
    with pytest.raises(UserError) as caught:
        open_run(tmp_path / "mde")
    assert str(run.path) in caught.value.fix


def test_a_plan_without_shards_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "plan" / "train.json", ["shards"])
    with pytest.raises(UserError, match="lists no shards"):
        open_run(tmp_path)


def test_classes_that_the_prototypes_do_not_name_are_refused(run: RunFolder) -> None:
    with pytest.raises(UserError, match=r"crops of classes \[7\]"):
        read_rows(run.splits["train"], [1, 3])

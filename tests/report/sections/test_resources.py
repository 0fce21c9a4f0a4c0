import pytest

from uvis_core.io.atomic import write_json, write_text
from uvis_core.io.errors import UserError
from uvis_core.report.sections.resources import (
    JobUsage,
    facts,
    overall_usage,
    read_usage,
    read_usages,
    stage_usage,
)


def benchmark(path, **columns):
    """A file as Snakemake writes it, of these columns."""
    write_text(path, "\t".join(columns) + "\n" + "\t".join(map(str, columns.values())) + "\n")
    return path


def test_columns_are_found_by_name(tmp_path):
    columns = {
        "jobid": 3,
        "max_pss": 20.5,
        "h:m:s": "0:00:03",
        "max_rss": 30.5,
        "s": 3.25,
        "params": "{'a': 1}",
    }
    path = benchmark(tmp_path / "a.tsv", **columns)
    assert read_usage("masks/a", path) == JobUsage("masks/a", 3.25, 20.5, None)


@pytest.mark.parametrize("unmeasured", ["NA", "-"])
def test_resident_memory_stands_where_there_is_no_proportional(tmp_path, unmeasured):
    path = benchmark(tmp_path / "a.tsv", s=3, max_rss=30, max_pss=unmeasured)
    assert read_usage("masks/a", path).host_mb == 30
    path = benchmark(tmp_path / "a.tsv", s=3, max_rss=unmeasured, max_pss=unmeasured)
    assert read_usage("masks/a", path) == JobUsage("masks/a", 3, None, None)
    assert read_usage("masks/a", benchmark(tmp_path / "a.tsv", s=3, max_rss=30)).host_mb == 30


@pytest.mark.parametrize("text", ["", "s\tmax_rss\n"])
def test_a_file_without_a_row_is_a_job_without_numbers(tmp_path, text):
    write_text(tmp_path / "a.tsv", text)
    assert read_usage("masks/a", tmp_path / "a.tsv") == JobUsage("masks/a", None, None, None)


def test_other_files_are_named(tmp_path):
    path = benchmark(tmp_path / "a.tsv", s="three")
    with pytest.raises(UserError, match=r"a\.tsv: 'three' is no number"):
        read_usage("masks/a", path)


def test_a_note_that_stayed_empty_is_none(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("s\tmax_rss\n1.0\t2.0\n")
    path.with_suffix(".device.json").touch()
    assert read_usage("masks/a", path).device_mb is None


@pytest.mark.parametrize(("peak_mb", "device_mb"), [(7.5, 7.5), (0.0, None)])
def test_jobs_say_what_they_took_of_a_device(tmp_path, peak_mb, device_mb):
    path = benchmark(tmp_path / "seed-0.v1.tsv", s=3)
    write_json(tmp_path / "seed-0.v1.device.json", {"peak_device_mb": peak_mb})
    assert read_usage("training/a", path).device_mb == device_mb


def test_the_folder_says_which_jobs_there_were(tmp_path):
    for name in ("toy/test", "tracks/b/test", "exports/a", "tracks/a/test", "masks/v1.5/shard-0", "frames/x"):
        benchmark(tmp_path / f"{name}.tsv", s=1)
    write_json(tmp_path / "tracks" / "a" / "test.device.json", {"peak_device_mb": 9.0})
    jobs = read_usages(tmp_path)
    assert [job.name for job in jobs] == [
        "frames/x",
        "masks/v1.5/shard-0",
        "tracks/a/test",
        "tracks/b/test",
        "exports/a",
        "toy/test",
    ]
    assert [job.device_mb for job in jobs] == [None, None, 9.0, None, None, None]
    assert [stage.name for stage in facts(tmp_path)["stages"]] == [
        "frames",
        "masks",
        "tracks",
        "exports",
        "toy",
    ]


@pytest.mark.parametrize("folder", [None, "none"])
def test_no_folder_has_no_jobs(tmp_path, folder):
    assert facts(tmp_path / folder if folder else None)["stages"] == []


def test_stages_add_seconds_and_keep_the_largest_memory():
    jobs = [
        JobUsage("masks/a", 3, 20, None),
        JobUsage("tracks/a", 2, 5, 9),
        JobUsage("masks/b", 1, 30, None),
        JobUsage("labels/a", None, None, None),
    ]
    stages = stage_usage(jobs)
    found = [(stage.name, len(stage.jobs), stage.seconds, stage.host_mb, stage.device_mb) for stage in stages]
    assert found == [("masks", 2, 4, 30, None), ("tracks", 1, 2, 5, 9), ("labels", 1, None, None, None)]
    assert [stage.share for stage in stages] == [100, 50, 0]
    overall = overall_usage(stages)
    assert (len(overall.jobs), overall.seconds, overall.host_mb, overall.device_mb) == (4, 6, 30, 9)


def test_nothing_recorded():
    overall = overall_usage(stage_usage([]))
    assert (overall.seconds, overall.host_mb) == (None, None)

from uvis_core.report.resources import JobUsage, overall_usage, read_usage, stage_usage

from uvis_core.io.atomic import write_json


def test_the_largest_process_counts(tmp_path):
    path = tmp_path / "usage.json"
    write_json(path, {"seconds": 3, "peak_host_mb": 10, "peak_largest_child_mb": 20, "peak_device_mb": 7})
    assert read_usage("masks/a", path) == JobUsage("masks/a", 3, 20, 7)


def test_no_device_is_no_number(tmp_path):
    path = tmp_path / "usage.json"
    write_json(path, {"seconds": 3, "peak_host_mb": 10, "peak_device_mb": 0.0})
    assert read_usage("masks/a", path).device_mb is None


def test_a_missing_file_is_a_job_without_numbers(tmp_path):
    assert read_usage("masks/a", tmp_path / "none.json") == JobUsage("masks/a", None, None, None)


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

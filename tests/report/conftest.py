"""The made-up run as a fixture."""

import pytest

from tests.report.made_up import write_run


@pytest.fixture
def make_run(tmp_path):
    """Write a run and give its inputs; names of its first videos and first class can be chosen."""

    def make(video_name="clip", class_name="star"):
        return write_run(tmp_path, video_name, class_name)

    return make

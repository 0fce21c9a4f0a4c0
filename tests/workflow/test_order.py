"""What is worked on first where not all jobs can run at once."""

import re

import pytest

from tests.workflow.conftest import copy_repository

pytestmark = pytest.mark.slow


def test_all_that_training_waits_for_comes_before_the_tracked_videos(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    planned = copy_repository(tmp_path_factory.mktemp("order")).snakemake("--dry-run")
    jobs = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", planned, re.MULTILINE)
    first = {
        (rule, split[1] if (split := re.search(r"split=(\w+)", text)) else None)
        for rule, text in jobs
        if re.search(r"^    priority: [12]$", text, re.MULTILINE)
    }
    assert first == {
        ("make_toy_train", None),
        ("embed_vocabulary", None),
        ("extract_frames", "train"),
        ("generate_masks", "train"),
        ("score_crops", "train"),
        ("fit_prototypes", None),
        ("score_similarity", "train"),
        ("select_labels", "train"),
        ("gather_samples", "train"),
        ("train_model", None),
    }

import numpy as np
import pytest

from tests.report.made_up import LENGTH, write_crops, write_frames, write_labelled
from uvis_core.io.errors import UserError
from uvis_core.report.review import sample as module
from uvis_core.report.review.sample import NO_CLASS, sample_labels
from uvis_core.report.split_files import SplitFiles

VIDEOS = [f"v{number}" for number in range(6)]


@pytest.fixture
def files(tmp_path):
    """Six videos in two shards."""
    shards = []
    for place, names in enumerate((VIDEOS[:2], VIDEOS[2:])):
        folder = tmp_path / str(place)
        folder.mkdir()
        masks, labels = write_labelled(folder, names)
        shards.append(
            (*write_frames(folder, "train", names), *masks, *labels, *write_crops(folder, masks[0]))
        )
    frames, masks, labels, crops = zip(*shards, strict=True)
    return SplitFiles(frames, masks, labels, crops=crops)


def test_all_kept_labels_of_a_small_split_are_looked_at(files):
    found = sample_labels(files, seed=0)
    assert list(found.videos) == VIDEOS
    assert found.frames.tolist() == [LENGTH] * 6
    labels = found.labels
    # One of the two masks of every frame is kept: that of class 1.
    assert (len(labels), set(labels.class_id.tolist())) == (6 * LENGTH, {1})
    assert labels.video.tolist() == [video for video in range(6) for _ in range(LENGTH)]
    assert labels.frame.tolist() == list(range(LENGTH)) * 6
    assert labels.box[1].tolist() == [5, 3, 11, 9]
    assert labels.area_share[0] == pytest.approx(36 / (24 * 32))
    assert set(labels.rival.tolist()) == {2}
    # Logits of 4 and of the frame's number.
    assert labels.rival_share[:LENGTH] == pytest.approx(1 / (1 + np.exp(4.0 - np.arange(LENGTH))))


def test_without_crops_there_is_no_second_class(files):
    found = sample_labels(SplitFiles(files.frames, files.masks, files.labels), seed=0)
    assert set(found.labels.rival.tolist()) == {NO_CLASS}
    assert not found.labels.rival_share.any()


def test_the_sample_is_bounded_and_drawn_by_seed(files, monkeypatch):
    monkeypatch.setattr(module, "FRAMES_SAMPLED", 2 * LENGTH)
    drawn = [tuple(sample_labels(files, seed).videos) for seed in range(8)]
    assert {len(names) for names in drawn} == {2}
    assert len(set(drawn)) > 1
    assert tuple(sample_labels(files, 3).videos) == drawn[3]
    for names in drawn:
        assert list(names) == sorted(names)


def test_of_a_long_video_the_first_frames_count(files, monkeypatch):
    monkeypatch.setattr(module, "FRAMES_OF_VIDEO", 2)
    found = sample_labels(files, seed=0)
    assert found.frames.tolist() == [2] * 6
    assert found.labels.frame.max() == 1


def test_tables_of_other_masks_are_named(files):
    with pytest.raises(UserError, match="crops"):
        sample_labels(SplitFiles(files.frames, files.masks, files.labels, crops=files.crops[::-1]), seed=0)


def test_a_split_without_videos_has_an_empty_sample(tmp_path):
    masks, labels = write_labelled(tmp_path, [])
    found = sample_labels(SplitFiles(write_frames(tmp_path, "train", []), masks, labels), seed=0)
    assert (len(found.labels), list(found.videos)) == (0, [])

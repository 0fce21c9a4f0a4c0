import pytest

from tests.cases import annotation, box_mask, truth, video, write
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION

TRACK = [box_mask(0, 0), None]


def read(tmp_path, content):
    return read_ytvis(write(tmp_path, "truth.json", content))


def test_reads_videos_classes_and_tracks(tmp_path):
    content = truth(
        [
            annotation(TRACK, video_id=7, class_id=2, areas=[100.0, None]),
            annotation(TRACK, video_id=7, class_id=1, id=2, iscrowd=1),
        ],
        videos=[video(7), video(3, frames=5)],
        classes=(2, 1),
    )
    result = read(tmp_path, content)
    assert list(result.videos) == [3, 7]
    assert [video.name for video in result.videos.values()] == ["3", "7"]
    assert result.videos[3].frames == 5
    assert dict(result.class_names) == {1: "class 1", 2: "class 2"}
    plain, crowd = result.read(7).objects
    assert (crowd.class_id, crowd.crowd, crowd.mean_area_px) == (1, True, 4.0)
    assert (plain.class_id, plain.crowd, plain.mean_area_px) == (2, False, 100.0)
    assert result.read(7).by_class().objects == [crowd, plain]
    assert result.read(3).objects == []
    assert not result.warnings


def test_masks_are_kept_decoded_as_long_as_there_is_room(tmp_path, monkeypatch):
    monkeypatch.setattr("uvis_core.io.annotations.ytvis.KEPT_BYTES", 1)
    monkeypatch.setattr("uvis_core.io.annotations.listing.TOGETHER_BYTES", 1)
    result = read(tmp_path, truth([annotation(TRACK), annotation(TRACK, id=2)]))
    first, second = result.read(1).tubes
    assert first == second
    assert first.runs is not None
    assert second.runs is None


def test_length_may_come_from_the_file_names(tmp_path):
    entry = video() | {"file_names": ["a.jpg", "b.jpg"]}
    del entry["length"]
    assert read(tmp_path, truth([annotation(TRACK)], videos=[entry])).videos[1].frames == 2


def test_occlusion_is_read_where_it_is(tmp_path):
    content = truth([annotation(TRACK, occlusion=["severe_occlusion", None])])
    result = read(tmp_path, content)
    assert result.read(1).objects[0].occlusion == 0.75
    assert result.occlusion_fault == ""


@pytest.mark.parametrize("annotations", [None, "absent"])
def test_unlabelled_split(tmp_path, annotations):
    content = truth(None)
    if annotations == "absent":
        del content["annotations"]
    with pytest.raises(UserError, match=r"truth.json: annotations is None(.|\n)*labelled split"):
        read(tmp_path, content)


def test_id_zero_and_repeated_ids_are_warned_of_and_counted(tmp_path):
    result = read(
        tmp_path, truth([annotation(TRACK, id=0), annotation(TRACK, id=0), annotation(TRACK, id=3)])
    )
    assert len(result.read(1).objects) == 3
    zero, repeated = result.warnings
    assert "2 annotation(s) with id 0" in zero
    assert "1 annotation(s) repeat an id" in repeated


def test_empty_list_of_annotations_is_warned_of(tmp_path):
    (warning,) = read(tmp_path, truth([])).warnings
    assert "annotations is empty" in warning


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "holds no object"),
        ({"categories": []}, "no list of videos"),
        (truth([], classes=()), "no categories"),
        (truth([], classes=(1, 1)), "category number 1: id 1 is taken twice"),
        (truth([], videos=[video(), video()]), "video number 1: id 1 is taken twice"),
        (truth([], videos=[video([1])]), r"video number 0: id is \[1\]"),
        (truth([], videos=[video() | {"height": 0}]), "height is 0"),
        (truth([], videos=[video(frames="2")]), "length is '2'"),
        (truth([], videos=[{"id": 1}]), "lacks height, width"),
        (truth([7]), "annotation number 0: lacks video_id"),
        (truth([annotation(TRACK, video_id=9)]), "annotation 1: video_id 9 is none of the 1 videos"),
        (truth([annotation(TRACK, class_id=9)]), r"category_id 9 is none of the categories \[1, 2\]"),
        (truth([annotation([None])]), "has 1 segmentations, video 1 has 2 frames"),
        (truth([annotation(None)]), "has no list of segmentations"),
        (
            truth([annotation([None, {"size": [1, 1], "counts": "1"}])]),
            r"video 1, frame 1: .*size is \[1, 1\]",
        ),
        (truth([annotation(TRACK, areas=[1.0])]), "areas is no list of 2"),
        (truth([annotation(TRACK, areas=["a", 1])]), "areas holds"),
        (truth([annotation(TRACK, areas=[float("nan"), 1])]), "not valid json after 0 entries.*NaN"),
    ],
)
def test_names_what_is_wrong(tmp_path, content, message):
    with pytest.raises(UserError, match=message) as raised:
        read(tmp_path, content)
    assert "truth.json" in str(raised.value)
    assert raised.value.fix


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({}, "lacks occlusion"),
        ({"occlusion": [None]}, "no list of 2"),
        ({"occlusion": ["a", None]}, "is 'a'"),
    ],
)
def test_names_wrong_occlusion_without_refusing_the_rest(tmp_path, extra, message):
    result = read(tmp_path, truth([annotation(TRACK, **extra), annotation(TRACK, id=2)]))
    assert message in result.occlusion_fault
    assert "truth.json: annotation 1" in result.occlusion_fault
    assert [found.occlusion for found in result.read(1).objects] == [UNKNOWN_OCCLUSION] * 2

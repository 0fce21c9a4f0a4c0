import numpy as np
import pytest

from tests.cases import HEIGHT, WIDTH, annotation, box_mask, prediction, truth, video, write
from tests.evaluation.predictions.made import track_rows, write_frames, write_tracks
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.evaluation.predictions.tables import TrackTables
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError
from uvis_core.truth.write import write_truth

FRAMES = 6
NAMES = {3: "air", 7: "boat", 5: "cat", 9: "dog"}
TRACK = [box_mask(0, 0), None]


@pytest.fixture
def known(tmp_path):
    content = truth([annotation(TRACK)], videos=[video(1) | {"name": "boat"}, video(2) | {"name": "tree"}])
    return read_ytvis(write(tmp_path, "truth.json", content))


def split(generator):
    """Truth and predictions of a made-up split: scores with ties, gaps, crowds, a video with no prediction."""

    def masks():
        return [
            box_mask(*generator.integers(0, 4, 2).tolist(), *generator.integers(1, 4, 2).tolist())
            if generator.random() < 0.8
            else None
            for _ in range(FRAMES)
        ]

    def close_to(track):
        return [
            mask if generator.random() < 0.7 else other for mask, other in zip(track, masks(), strict=True)
        ]

    levels = np.array(["no_occlusion", "slight_occlusion", "severe_occlusion"])
    annotations, predictions = [], []
    for number in (7, 3, 5):
        for _ in range(3):
            track, class_id = masks(), int(generator.integers(1, 3))
            annotations.append(
                annotation(
                    track,
                    video_id=number,
                    class_id=class_id,
                    id=len(annotations) + 1,
                    iscrowd=int(generator.random() < 0.2),
                    occlusion=levels[generator.integers(0, 3, FRAMES)].tolist(),
                )
            )
            if number != 5:
                for _ in range(2):
                    score = float(np.float32(generator.integers(1, 9) / 10))
                    predictions.append(
                        prediction(close_to(track), video_id=number, class_id=class_id, score=score)
                    )
    videos = [video(number, frames=FRAMES) | {"name": name} for number, name in NAMES.items()]
    return truth(annotations, videos=videos), [each for each in predictions if any(each["segmentations"])]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "settings",
    [
        EvaluationSettings(davis=True),
        EvaluationSettings(class_agnostic=True, protocol="ovis"),
        EvaluationSettings(protocol="davis"),
    ],
    ids=["ytvis", "ovis", "davis"],
)
def test_tables_give_the_figures_of_json(tmp_path, seed, settings):
    content, results = split(np.random.default_rng(seed))
    path = write(tmp_path, "truth.json", content)
    by_json = evaluate_tracks(path, [write(tmp_path, "results.json", results)], settings)

    write_truth(tmp_path / "truth.parquet", read_ytvis(path))
    rows = [
        row
        for number, each in enumerate(results)
        for row in track_rows(each, NAMES[each["video_id"]], number)
    ]
    shards = {"one": ["boat", "dog"], "two": ["air", "cat"]}
    tracks = [
        write_tracks(
            tmp_path / f"{name}.parquet", [row for row in reversed(rows) if row["video_id"] in videos]
        )
        for name, videos in shards.items()
    ]
    frames = [
        write_frames(tmp_path / f"{name}-frames.parquet", dict.fromkeys(videos, FRAMES))
        for name, videos in shards.items()
    ]
    by_table = evaluate_tracks(tmp_path / "truth.parquet", tracks, settings, frames)
    for row in by_json.get("per_video", []):
        row["video_id"] = NAMES[row["video_id"]]
    for switch in by_json.get("identity_switches", []):
        switch |= {"video_id": NAMES[switch["video_id"]], "annotation_id": str(switch["annotation_id"])}
    for row in by_json.get("per_object", []):
        row |= {"video_id": NAMES[row["video_id"]], "object": str(row["object"])}
    assert by_table == by_json
    assert by_json["counts"]["predictions_evaluated"] == len(results) > 0
    # A results json goes by the numbers that the table has kept.
    again = evaluate_tracks(tmp_path / "truth.parquet", [tmp_path / "results.json"], settings)
    assert again == by_table


def test_tracks_of_a_video_come_together_in_the_order_of_their_ids(tmp_path, known):
    rows = [
        *track_rows(prediction(TRACK, score=0.25), "tree", 4),
        *track_rows(prediction([None, box_mask(1, 1)], class_id=2), "boat", 2),
        *track_rows(prediction(TRACK, score=0.5), "boat", 1),
        *track_rows(prediction(TRACK, class_id=9), "boat", 3),
        *track_rows(prediction(TRACK), "sea", 1),
    ]
    source = TrackTables([write_tracks(tmp_path / "tracks.parquet", rows)], known)
    found = list(source)
    assert [(each.video_id, each.class_id, each.score) for each in found if each.video_id == 1] == [
        (1, 1, 0.5),
        (1, 2, pytest.approx(0.9)),
    ]
    assert len(found) == 3
    assert found[-1].tube.counts.keys() in ({0}, {1})
    assert source.read == 5
    unknown_class, unknown_video = source.warnings()
    assert "1 prediction(s) left out, class id not in the truth: 9" in unknown_class
    assert "1 prediction(s) left out, video id not in the truth: 'sea'" in unknown_video


def test_frame_indices_that_do_not_begin_at_zero(tmp_path, known):
    rows = track_rows(prediction([None, box_mask(1, 1)]), "boat", 1, first_index=5)
    tracks = write_tracks(tmp_path / "tracks.parquet", rows)
    frames = write_frames(tmp_path / "frames.parquet", {"boat": 2, "tree": 2}, first_index=5)
    (found,) = TrackTables([tracks], known, [frames])
    assert found.tube.areas_px == {1: 4}
    with pytest.raises(UserError, match="mask in frame 6, which is none of its 2 frames"):
        list(TrackTables([tracks], known))


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ({"boat": 1}, "video 'boat' has 2 frames, but 1 were tracked"),
        ({"sea": 2}, r"lacks 1 of the tracked videos, such as \['sea'\]"),
    ],
)
def test_frames_of_another_split_are_named(tmp_path, known, lengths, message):
    tracks = write_tracks(tmp_path / "tracks.parquet", track_rows(prediction(TRACK), "boat", 1))
    frames = write_frames(tmp_path / "frames.parquet", lengths)
    with pytest.raises(UserError, match=message):
        list(TrackTables([tracks], known, [frames]))
    with pytest.raises(UserError, match="1 tables of tracks and 2 of frames"):
        TrackTables([tracks], known, [frames, frames])


def test_masks_of_another_size_and_of_no_size_are_named(tmp_path, known):
    rows = track_rows(prediction(TRACK), "boat", 1)
    other = [row | {"height_px": WIDTH, "width_px": HEIGHT} for row in rows]
    with pytest.raises(UserError, match=r"has masks of \[\[8, 6\]\] .* in the truth it is \[6, 8\]"):
        list(TrackTables([write_tracks(tmp_path / "tracks.parquet", other)], known))
    damaged = [row | {"rle_counts": "1"} for row in rows]
    with pytest.raises(UserError, match="'boat', frame 0: the runs cover 1 pixels"):
        list(TrackTables([write_tracks(tmp_path / "tracks.parquet", damaged)], known))


def test_tracks_of_another_data_set(tmp_path, known):
    tracks = write_tracks(tmp_path / "tracks.parquet", track_rows(prediction(TRACK), "sea", 1))
    with pytest.raises(
        UserError, match=r"none of its 1 predictions .* such as 'sea', the truth such as 'boat'"
    ):
        list(TrackTables([tracks], known))


def test_tables_without_any_track(tmp_path, known):
    source = TrackTables([write_tracks(tmp_path / "tracks.parquet", [])], known)
    assert list(source) == []
    assert "the list of predictions is empty" in source.warnings()[0]


def test_a_json_beside_tables_is_refused(tmp_path):
    known = write(tmp_path, "truth.json", truth([annotation(TRACK)]))
    results = write(tmp_path, "results.json", [prediction(TRACK)])
    with pytest.raises(UserError, match="stands beside 1 further predictions and 0 frames tables"):
        evaluate_tracks(known, [results, tmp_path / "tracks.parquet"], EvaluationSettings())


def test_occlusion_that_the_annotations_lacked_is_named(tmp_path, known):
    write_truth(tmp_path / "truth.parquet", known)
    results = write(tmp_path, "results.json", [prediction(TRACK)])
    with pytest.raises(UserError, match="annotation 1: lacks occlusion"):
        evaluate_tracks(tmp_path / "truth.parquet", [results], EvaluationSettings(protocol="ovis"))

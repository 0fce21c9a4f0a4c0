"""Windows of the tracker clip, their join, and the reference case of VideoCutLER through it."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from tests.conftest import GOLDENS
from tests.model.tiny import tiny_model
from tests.tracks.test_inference import noise
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.rle import decode_masks, encode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table
from uvis_core.model.clip import ClipOutputs, clip_outputs
from uvis_core.model.conversion import convert_minvis
from uvis_core.tracks import clips
from uvis_core.tracks.clips import aligned_clips, overlapping_clips
from uvis_core.tracks.inference import best_predictions, track_video, upsample_masks
from uvis_core.tracks.memory import TrackingMemory
from uvis_core.tracks.track import track_shard

SIZE = 40, 60
# Where a fake computes, the model is only asked for its device.
FAKED = torch.nn.Linear(1, 1)


def clip_settings(clip_frames, overlap, **others):
    values = {"parked_masks": "fp32", **others}
    return TracksSettings(tracker="clip", clip_frames=clip_frames, overlap=overlap, **values)


def numbered(length, side=32):
    """Frames whose pixels say which they are."""
    return torch.arange(length, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, side, side)


def numbers(frames):
    return frames[:, 0, 0, 0].tolist()


@given(st.integers(1, 40), st.integers(1, 12), st.data())
def test_clips_are_full_and_share_frames(length, clip_frames, data):
    overlap = data.draw(st.integers(0, clip_frames - 1))
    windows = numbered(length).split(data.draw(st.integers(1, 9)))
    found = [(numbers(clip), new) for clip, new in overlapping_clips(windows, clip_frames, overlap)]
    assert [number for clip, new in found for number in clip[-new:]] == list(range(length))
    assert {len(clip) for clip, _ in found} == {min(length, clip_frames)}
    for (before, _), (clip, new) in pairwise(found):
        shared = clip[:-new]
        assert len(shared) >= overlap
        assert shared == before[len(before) - len(shared) :]


def test_a_clip_that_spans_the_video_is_the_whole_video():
    model, frames = tiny_model(), noise(6)
    outputs = clip_outputs(model, frames)
    queries, classes, scores = best_predictions(outputs.class_logits.numpy().astype(np.float64), 10)
    masks = [
        encode_masks(upsample_masks(outputs.mask_logits[query], SIZE, (50, 70)).numpy()) for query in queries
    ]
    for settings in (clip_settings(6, 2), clip_settings(60, 12)):
        tracks = track_video(model, [frames[:4], frames[4:]], (50, 70), settings)
        assert np.array_equal(tracks.classes, classes)
        assert tracks.scores == pytest.approx(scores, abs=1e-12)
        assert tracks.masks == masks


def test_video_comes_out_as_videocutler_has_it(tmp_path):
    folder = GOLDENS / "videocutler" / "small"
    model = convert_minvis(folder / "checkpoint.pth", tmp_path)
    frames = torch.from_numpy(np.load(folder / "frames.npz")["frames"]).permute(0, 3, 1, 2)
    expected = json.loads((folder / "expected.json").read_text())
    size = expected["output_height"], expected["output_width"]
    tracks = track_video(model, [frames[:4], frames[4:]], size, clip_settings(5, 1))
    assert tracks.classes.tolist() == [track["label"] for track in expected["top10"]]
    assert tracks.scores == pytest.approx([track["score"] for track in expected["top10"]], abs=1e-5)
    logits = torch.from_numpy(np.load(folder / "expected.npz")["mask_logits"])
    for masks, track in zip(tracks.masks, expected["top10"], strict=True):
        wanted = decode_masks([segmentation["counts"] for segmentation in track["segmentations"]], *size)
        padded = functional.interpolate(logits[track["query"]][None], (96, 128), mode="bilinear")
        shown = functional.interpolate(padded[..., :90, :118], size, mode="bilinear")[0].numpy()
        # Logits are equal to 1e-3 (tests/model/test_clip.py): a pixel as close to the cut as that may fall beside it.
        differs = decode_masks(masks, *size) != wanted
        assert np.abs(shown[differs]).max(initial=0) < 1e-3


@pytest.mark.parametrize(("clip_frames", "overlap"), [(60, 12), (4, 2), (3, 0), (1, 0)])
def test_frames_decoded_at_a_time_change_nothing(clip_frames, overlap):
    model, frames = tiny_model(), noise(9)
    settings = clip_settings(clip_frames, overlap)
    whole = track_video(model, [frames], SIZE, settings)
    for batch in (1, 4):
        parts = track_video(model, frames.split(batch), SIZE, settings)
        assert np.array_equal(parts.scores, whole.scores)
        assert parts.masks == whole.masks


def test_batch_size_and_workers_change_nothing(frames, checkpoint):
    settings, device = clip_settings(3, 1, short_side_px=32), torch.device("cpu")
    table = read_table(frames, FRAMES)
    one, other = (
        track_shard(table, checkpoint, settings, device=device, window=window, workers=workers)
        for window, workers in ((2, 0), (4, 1))
    )
    assert one == other
    assert set(one["video_id"]) == {"a", "b"}


@pytest.mark.parametrize("clip_frames", [1, 60])
def test_a_single_frame_is_a_video(clip_frames):
    tracks = track_video(tiny_model(), [noise(1)], SIZE, clip_settings(clip_frames, 0))
    assert len(tracks.masks) == 10
    assert {len(masks) for masks in tracks.masks} == {1}


class Scene:
    """What a perfect model says of a clip of ``numbered`` frames, its queries in another order every time.

    Args:
        looks: (Q, D) embedding of each object, or by the clip's first frame.
        seen: bool (frames, Q), where each object, a column of the mask for itself, is visible.
        seed: Of the orders.
    """

    def __init__(self, looks, seen, seed=0):
        self.looks, self.seen, self.random = looks, seen, np.random.default_rng(seed)

    def __call__(self, model, frames):
        places = numbers(frames)
        looks = self.looks[places[0]] if isinstance(self.looks, dict) else self.looks
        count = self.seen.shape[1]
        masks = torch.full((count, len(places), 8, 8), -5.0)
        for query in range(count):
            masks[query, self.seen[places, query], :, query] = 5.0
        order = self.random.permutation(count)
        # The class says which object it is.
        classes = torch.eye(count, count + 1) * 4
        embeddings = torch.from_numpy(np.asarray(looks, dtype=np.float32))
        return ClipOutputs(classes[order], masks[order], embeddings[order])


def joined(monkeypatch, scene, settings):
    """Which object each place shows, by frame: (T, Q), and whether the masks are its own."""
    monkeypatch.setattr(clips, "clip_outputs", scene)
    memory = TrackingMemory(settings.memory_weight)
    parts = list(aligned_clips(FAKED, [numbered(len(scene.seen))], memory, settings))
    identities = np.concatenate([part.class_logits for part in parts]).argmax(2)
    columns = torch.cat([part.mask_logits for part in parts]).amax(2) > 0  # (T, Q, 8)
    own = np.stack([scene.seen[frame, objects] for frame, objects in enumerate(identities)])
    shown = np.take_along_axis(columns.numpy(), identities[:, :, None], 2)[:, :, 0]
    return identities, np.array_equal(shown, own) and columns.sum() == own.sum()


@given(st.integers(1, 30), st.integers(1, 9), st.floats(0, 1), st.integers(0, 1000), st.data())
def test_permuted_queries_find_their_tracks(length, clip_frames, weight, seed, data):
    overlap = data.draw(st.integers(0, clip_frames - 1))
    random = np.random.default_rng(seed)
    # Every object has a look of its own and comes and goes as it likes.
    scene = Scene(np.eye(5) + random.normal(0, 0.05, (5, 5)), random.random((length, 5)) < 0.7, seed)
    with pytest.MonkeyPatch.context() as patch:
        identities, exact = joined(patch, scene, clip_settings(clip_frames, overlap, memory_weight=weight))
    assert (identities == identities[0]).all()
    assert exact


@given(st.integers(0, 1000), st.integers(1, 4))
def test_masks_tell_apart_what_looks_alike(seed, overlap):
    scene = Scene(np.ones((5, 3)), np.ones((14, 5), dtype=bool), seed)
    with pytest.MonkeyPatch.context() as patch:
        identities, exact = joined(patch, scene, clip_settings(5, overlap))
    assert (identities == identities[0]).all()
    assert exact


@pytest.mark.parametrize(("weight", "kept"), [(0.2, True), (1.0, False)])
def test_an_object_absent_in_the_overlap_is_kept_by_the_memory(monkeypatch, weight, kept):
    # Three windows, 0-3, 3-6 and 6-9. Object 1 is away from frame 3 to 6; while it is, its query sees something else,
    # and as it comes back, the last window's queries alone would take the other one for it.
    a, b, c, d = np.eye(4)
    looks = {0: [a, b, c], 3: [a, d, c], 6: [a, b + 0.5 * c, d + 0.2 * c]}
    seen = np.zeros((10, 3), dtype=bool)
    seen[:, 0] = True
    seen[[0, 1, 2, 7, 8, 9], 1] = True
    identities, exact = joined(monkeypatch, Scene(looks, seen), clip_settings(4, 1, memory_weight=weight))
    same = (identities[[0, -1]] == identities[0]).all()
    assert (same, exact) == (kept, True)


def test_a_frame_has_the_mean_of_the_clips_that_saw_it(monkeypatch):
    # Clips 0-3, 2-5 and, to be full, 3-6: frame 3 is in all three.
    said = iter((1.0, 2.0, 6.0))

    def outputs(model, frames):
        value = next(said)
        return ClipOutputs(
            torch.full((1, 2), value), torch.full((1, len(frames), 8, 8), value), torch.ones((1, 4))
        )

    monkeypatch.setattr(clips, "clip_outputs", outputs)
    parts = list(aligned_clips(FAKED, [numbered(7)], TrackingMemory(0.5), clip_settings(4, 2)))
    expected = [1, 1, 1.5, 3, 4, 4, 6]
    assert np.concatenate([part.class_logits for part in parts])[:, 0, 0] == pytest.approx(expected)
    assert torch.cat([part.mask_logits for part in parts])[:, 0, 7, 7].tolist() == pytest.approx(expected)


def test_padding_joins_nothing(monkeypatch):
    # Frames of 32 x 20 pixels, padded to 32 x 32: in the padding, the masks of each clip are those of the other query.
    def outputs(model, frames):
        turned = frames[0, 0, 0, 0] > 0
        masks = torch.full((2, len(frames), 8, 8), -1.0)
        for query, column in enumerate((1, 0) if turned else (0, 1)):
            masks[query, ..., column] = 1.0
            masks[query, ..., 5 + query] = 1.0
        return ClipOutputs(torch.zeros((2, 2)), masks, torch.ones((2, 4)))

    monkeypatch.setattr(clips, "clip_outputs", outputs)
    frames = numbered(5)[..., :20]
    parts = list(aligned_clips(FAKED, [frames], TrackingMemory(0.5), clip_settings(3, 1)))
    masks = torch.cat([part.mask_logits for part in parts])
    assert (masks[:, 0, :, 0] > 0).all()
    assert (masks[:, 1, :, 1] > 0).all()

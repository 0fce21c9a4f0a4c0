"""Readers of json, YAML and text."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st

from tests.fuzz.damage import VALUES, damaged_bytes, damaged_documents, damaged_json
from tests.fuzz.target import Target
from uvis_core.config.frames import SourceSettings
from uvis_core.config.root import Configuration, load_configuration
from uvis_core.evaluation.predictions.results import ResultsJson
from uvis_core.frames.sources import list_videos
from uvis_core.io.annotations.model import Annotations, Video, VideoTruth
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.overlaps import tube_ious
from uvis_core.io.rle import compressed, decode_masks, encode_masks, mask_areas, mask_boxes
from uvis_core.io.tubes import Tube, read_segmentations
from uvis_core.io.vocabulary import Vocabulary, read_vocabulary

ROOT = Path(__file__).resolve().parents[2]
HEIGHT, WIDTH, FRAMES = 4, 6, 3
SQUARE = [[1, 1, 4, 1, 4, 3, 1, 3]]


def run_lengths(first_column: int) -> str:
    """A mask that reaches from a column to the right edge."""
    mask = np.zeros((1, HEIGHT, WIDTH), dtype=bool)
    mask[0, 1:, first_column:] = True
    return encode_masks(mask)[0]


def segmentations() -> list[Any]:
    """A mask of every kind that a json may hold."""
    size = [HEIGHT, WIDTH]
    return [{"size": size, "counts": run_lengths(2)}, None, {"size": size, "counts": [3, 5, 16]}]


def truth() -> dict[str, Any]:
    videos = [
        {
            "id": number,
            "name": f"v{number}",
            "height": HEIGHT,
            "width": WIDTH,
            "length": FRAMES,
            "file_names": [f"v{number}/{frame}.jpg" for frame in range(FRAMES)],
        }
        for number in (1, 2)
    ]
    annotations = [
        {
            "id": number,
            "video_id": video,
            "category_id": 1,
            "iscrowd": 0,
            "segmentations": masks,
            "areas": [9, None, 5],
            "occlusion": ["no_occlusion", None, "severe_occlusion"],
        }
        for number, video, masks in ((1, 1, segmentations()), (2, 2, [SQUARE, None, None]))
    ]
    categories = [{"id": 1, "name": "star"}, {"id": 2, "name": "ring"}]
    return {"videos": videos, "categories": categories, "annotations": annotations}


def predictions() -> list[dict[str, Any]]:
    return [
        {"video_id": video, "category_id": 1, "score": 0.5, "segmentations": segmentations()}
        for video in (1, 1, 2)
    ]


def read_truth(path: Path) -> None:
    read = read_ytvis(path)
    for video_id in read.videos:
        found = read.read(video_id).by_class()
        assert len(found.objects) == len(found.tubes)
        compare(list(found.tubes), list(found.tubes))


def compare(tracks: list[Tube], truths: list[Tube]) -> None:
    """What evaluation does with what it was given."""
    ious = tube_ious(tracks, truths)
    assert ((ious >= 0) & (ious <= 1)).all(), ious


@cache
def known_truth() -> Annotations:
    videos = {number: Video(number, f"v{number}", number, HEIGHT, WIDTH, FRAMES) for number in (1, 2)}
    tube = read_segmentations(segmentations(), HEIGHT, WIDTH)
    return Annotations(Path("truth.json"), videos, {1: "star", 2: "ring"}, lambda _: VideoTruth((), (tube,)))


def read_predictions(path: Path) -> None:
    for prediction in ResultsJson(path, known_truth()):
        assert np.isfinite(prediction.score)
        compare([prediction.tube], list(known_truth().read(prediction.video_id).tubes))


def read_source(path: Path) -> None:
    settings = SourceSettings(kind="ytvis", path=str(path), image_root=str(path.parent))
    for entry in list_videos(settings):
        assert "/" not in entry.video_id
        assert entry.video_id not in (".", "..")
        for name in entry.file_names:
            assert (path.parent / name).resolve().is_relative_to(path.parent.resolve()), name


def run_length_inputs() -> st.SearchStrategy[bytes]:
    counts = st.one_of(
        damaged_bytes(run_lengths(2).encode()).map(lambda text: text.decode("latin1")),
        st.lists(st.integers(-3, 40) | st.integers(), max_size=8),
        st.text(st.characters(min_codepoint=44, max_codepoint=115), max_size=12),
        VALUES,
    )
    sizes = st.integers(1, 5) | st.sampled_from((0, -1, 2**31, 2**40))
    masks = st.fixed_dictionaries({"size": st.tuples(sizes, sizes).map(list) | VALUES, "counts": counts})
    entries = st.one_of(masks, masks, damaged_documents(SQUARE), st.lists(st.lists(st.floats(), max_size=9)))
    return st.tuples(st.integers(1, 5), st.integers(1, 5), st.lists(entries, min_size=1, max_size=3)).map(
        lambda given: json.dumps(given).encode()
    )


def read_run_lengths(path: Path) -> None:
    height, width, entries = json.loads(path.read_bytes())
    size = [height, width]
    for entry in entries:
        # The size of a mask is the frame's in one of two inputs, so that more than the size is met.
        if isinstance(entry, dict) and len(entries) > 1:
            entry["size"] = size
        try:
            text = compressed(entry, height, width)
            tube = read_segmentations([entry], height, width)
        except (ValueError, TypeError, OverflowError):
            continue
        if not tube.counts:
            continue
        pixels = decode_masks([text], height, width)
        assert pixels.shape == (1, height, width)
        assert decode_masks(encode_masks(pixels), height, width).tolist() == pixels.tolist()
        assert mask_areas([text], height, width).tolist() == [pixels.sum()]
        assert np.isfinite(mask_boxes([text], height, width)).all()


def vocabulary_document() -> dict[str, Any]:
    classes: list[dict[str, Any]] = [
        {"id": 1, "name": "star", "aliases": ["sun"], "prompts": ["a {}"]},
        {"id": 2, "name": "sea_horse"},
    ]
    return {"classes": classes, "prompts": ["a photo of {}", "one {}"]}


def read_words(path: Path) -> None:
    vocabulary = read_vocabulary(path)
    assert Vocabulary.model_validate_json(vocabulary.model_dump_json()) == vocabulary
    for entry in vocabulary.classes:
        assert all(phrase.strip() for phrase in entry.phrases)
        assert vocabulary.prompts_of(entry)


def configuration_inputs() -> st.SearchStrategy[bytes]:
    texts = [ROOT / "config.yaml", *sorted((ROOT / "presets").glob("*.yaml"))]
    whole = yaml.safe_load(texts[0].read_text(encoding="utf-8"))
    overlays = [yaml.safe_load(text.read_text(encoding="utf-8")) for text in texts[1:]]
    return st.one_of(
        damaged_documents(whole),
        st.sampled_from(overlays).flatmap(lambda overlay: damaged_documents({**whole, **overlay})),
        damaged_bytes(texts[0].read_bytes()).map(lambda text: text.decode("utf-8", "replace")),
    ).map(lambda made: (made if isinstance(made, str) else yaml.safe_dump(made)).encode("utf-8", "replace"))


def read_configuration(path: Path) -> None:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        # The workflow's own reader of YAML refuses it before the project sees it.
        return
    if isinstance(values, dict):
        made = load_configuration(values)
        assert load_configuration(made.model_dump(mode="json")) == made
        assert isinstance(made, Configuration)


TARGETS = [
    Target("truth", "truth.json", lambda: damaged_json(truth()), read_truth),
    Target(
        "predictions",
        "results.json",
        lambda: damaged_json(predictions()),
        read_predictions,
    ),
    Target("source", "source.json", lambda: damaged_json(truth()), read_source),
    Target("run-lengths", "masks.json", run_length_inputs, read_run_lengths, says=""),
    Target(
        "vocabulary-json",
        "words.json",
        lambda: damaged_json(vocabulary_document()),
        read_words,
    ),
    Target(
        "vocabulary-text",
        "words.txt",
        lambda: st.one_of(
            damaged_bytes("star\n# no\nsea horse\n\u00e9t\u00e9\n".encode()), st.binary(max_size=40)
        ),
        read_words,
    ),
    Target("configuration", "config.yaml", configuration_inputs, read_configuration, says="configuration"),
]

from typing import Any

import pytest

from uvis_core.config.base import validated
from uvis_core.config.frames import FramesSettings, SourceSettings, check_sampling
from uvis_core.io.errors import UserError

YTVIS = {"kind": "ytvis", "path": "t.json", "image_root": "images"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "videos"}, "needs a path"),
        ({"kind": "toy", "path": "x"}, "takes no path"),
        ({"kind": "ytvis", "path": "t.json"}, "image_root"),
        ({"kind": "ytvis", "path": ["a", "b"], "image_root": "x"}, "one json"),
        ({"kind": "videos", "path": "x", "image_root": "x"}, "ytvis only"),
        ({"kind": "webcam", "path": "x"}, "'toy', 'videos', 'frame_folders', 'images' or 'ytvis'"),
        ({"kind": "videos", "path": []}, "path"),
        ({"kind": "images", "path": ["a", "b"]}, "one folder"),
    ],
)
def test_a_source_whose_keys_do_not_fit_its_kind_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        validated(SourceSettings, values, "config.yaml")


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "toy"},
        {"kind": "videos", "path": ["a.mp4"]},
        {"kind": "frame_folders", "path": "x"},
        {"kind": "images", "path": "x"},
        YTVIS,
    ],
)
def test_sources_that_fit_are_taken(values: dict[str, Any]) -> None:
    assert validated(SourceSettings, values, "config.yaml").kind == values["kind"]


def test_stride_and_fps_exclude_each_other() -> None:
    with pytest.raises(UserError, match="stride or fps, not both"):
        validated(FramesSettings, {"stride": 2, "fps": 5}, "config.yaml")


@pytest.mark.parametrize(
    ("sampling", "every"), [({}, True), ({"stride": 1}, True), ({"stride": 2}, False), ({"fps": 5}, False)]
)
def test_every_frame_is_the_default(sampling: dict[str, Any], every: bool) -> None:
    assert FramesSettings(**sampling).takes_every_frame is every


@pytest.mark.parametrize(
    ("sampling", "source", "words"),
    [
        ({"stride": 2}, YTVIS, "file_names"),
        ({"fps": 5}, {"kind": "videos", "path": "x", "truth": "t.json"}, "truth counts every frame"),
        ({"stride": 2}, {"kind": "toy"}, "truth counts every frame"),
        ({"fps": 5}, {"kind": "frame_folders", "path": "x"}, "carry no time"),
        ({"fps": 5}, {"kind": "images", "path": "x"}, "carry no time"),
    ],
)
def test_sampling_that_would_shift_frames_against_truth_is_refused(
    sampling: dict[str, Any], source: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_sampling(FramesSettings(**sampling), SourceSettings(**source))


@pytest.mark.parametrize(
    ("sampling", "source"),
    [
        ({"stride": 1}, YTVIS),
        ({"stride": 2}, {"kind": "frame_folders", "path": "x"}),
        ({"fps": 5}, {"kind": "videos", "path": "x"}),
    ],
)
def test_sampling_that_fits_passes(sampling: dict[str, Any], source: dict[str, Any]) -> None:
    check_sampling(FramesSettings(**sampling), SourceSettings(**source))

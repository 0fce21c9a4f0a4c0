import pytest

from uvis_core.config.base import validated
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError


@pytest.mark.parametrize("values", [{}, {"clip_frames": 1, "overlap": 0}, {"clip_frames": 5, "overlap": 4}])
def test_windows_that_go_on(values: dict[str, int]) -> None:
    validated(TracksSettings, values, "config.yaml")


@pytest.mark.parametrize(
    "values", [{"clip_frames": 12}, {"clip_frames": 1}, {"overlap": 60}, {"overlap": 100}]
)
def test_windows_that_would_stand_still_are_refused(values: dict[str, int]) -> None:
    clip_frames = values.get("clip_frames", 60)
    with pytest.raises(
        UserError, match=rf"overlap: \d+ frames, .* only {clip_frames} \(clip_frames\)"
    ) as caught:
        validated(TracksSettings, values, "config.yaml")
    assert f"set overlap to {clip_frames - 1} or less" in caught.value.fix
    assert "raise clip_frames" in caught.value.fix

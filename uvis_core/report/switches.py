"""Identity switches as marks on the frames of a clip."""

from collections.abc import Mapping, Sequence
from typing import Any

from uvis_core.report.layers import Tube, coco_mask
from uvis_core.report.videos import Switch

HELD_S = 0.5
TEXT = "switch"
LISTED = 6


def switch_marks(
    truth: Mapping[str, Any], video: Mapping[str, Any], switches: Sequence[Switch], fps: float
) -> list[Tube]:
    """What is marked: the object whose track changed, from that frame on long enough to be seen.

    Args:
        truth: Contents of a YTVIS file.
        video: The entry of the video in its ``videos``.
        switches: Those of the video.
        fps: Frames per second at which the clip is shown.

    Returns:
        One tube per switch; it lasts half a second, and at least one frame.
    """
    segmentations = {
        annotation["id"]: annotation["segmentations"]
        for annotation in truth["annotations"] or ()
        if annotation["video_id"] == video["id"]
    }
    held = max(1, round(HELD_S * fps))
    marks = []
    for switch in switches:
        frames = segmentations.get(switch.annotation_id, ())[switch.frame_index :][:held]
        masks = {
            switch.frame_index + place: rle
            for place, segmentation in enumerate(frames)
            if (rle := coco_mask(segmentation, video["height"], video["width"])) is not None
        }
        marks.append(Tube(0, TEXT, masks))
    return marks


def switch_texts(
    switches: Sequence[Switch], times_s: Mapping[int, float], names: Mapping[int, str]
) -> list[str]:
    """The first switches in words, class and time in seconds (the frame's number where it has no time)."""
    texts = []
    for switch in switches[:LISTED]:
        time = times_s.get(switch.frame_index)
        place = f"frame {switch.frame_index}" if time is None else f"{time:.1f} s"
        texts.append(f"{names.get(switch.class_id, switch.class_id)} at {place}")
    further = len(switches) - len(texts)
    return [*texts, f"{further} more"] if further > 0 else texts

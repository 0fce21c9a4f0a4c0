"""The toy data set: mp4 files and their truth in YTVIS layout."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uvis_core.config.toy import ToySettings
from uvis_core.io.atomic import write_json
from uvis_core.io.rle import encode_masks, mask_areas, mask_boxes
from uvis_core.io.video import write_video
from uvis_core.toy.camera import film
from uvis_core.toy.names import Split, video_ids
from uvis_core.toy.render import RenderedFrame, render_frame
from uvis_core.toy.samples import MIN_VISIBLE_PX
from uvis_core.toy.scene import Scene, draw_kinds, draw_scene
from uvis_core.toy.seeds import Purpose, generator
from uvis_core.toy.shapes import CLASSES

VIDEO_CRF = 14
COUNTS = (1,) * 9 + (2,) * 8 + (3,) * 3
"""Of things of the vocabulary: 1.7 in a video on average, as in YouTube-VIS 2019 (4,883 in 2,883 videos)."""
CAMERA = 1
"""Keeps the camera's random numbers apart from the scene's."""
SLIGHT_OCCLUSION, SEVERE_OCCLUSION = 0.03, 0.5
"""Least hidden share of a thing's pixels inside the frame for OVIS's two words."""


def video_scene(split: Split, number: int, settings: ToySettings) -> Scene:
    """Scene of one video; two of its classes go round, so that no class is rare in a small split.

    Args:
        split: "train" or "test".
        number: position of the video in ``video_ids``.
        settings: of the data set.
    """
    rng = generator(settings.seed, Purpose(split), number)
    lap, first = divmod(number, len(CLASSES))
    required = (first, (first + 1 + lap) % len(CLASSES))
    return draw_scene(
        rng,
        draw_kinds(rng, required, COUNTS),
        np.linspace(0, 1, settings.frames),
        settings.height,
        settings.width,
        meeting_share=settings.meeting_share,
        leaving_share=settings.leaving_share,
        shake_px=settings.shake_px,
    )


def make_split(
    videos: Path | str, truth: Path | str, split: Split, settings: ToySettings, workers: int = 1
) -> None:
    """Write one split: a video file per name in ``video_ids``, then the truth; equal settings, equal bytes.

    Args:
        videos: folder of the mp4 files; made if missing.
        truth: JSON file in YTVIS layout with OVIS's ``occlusion``. A video's ``id`` counts from 1, its
            ``name`` is the one of ``video_ids``. Only the vocabulary's classes are annotated. An instance is
            null where it shows fewer than ``MIN_VISIBLE_PX`` pixels, left out if it never shows more.
        split: "train" or "test".
        settings: of the data set.
        workers: videos that are made side by side; encoders let go of Python's lock.
    """
    names = video_ids(split, settings)

    def make(number: int) -> list[dict[str, Any]]:
        return list(_make_video(Path(videos) / f"{names[number]}.mp4", split, number, settings))

    annotations: list[dict[str, Any]] = []
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for number, found in enumerate(pool.map(make, range(len(names)))):
            for annotation in found:
                annotations.append({"id": len(annotations) + 1, "video_id": number + 1, **annotation})
    write_json(
        truth,
        {
            "info": {"description": f"Toy world, {split} split, seed {settings.seed}"},
            "videos": [_video(number + 1, name, settings) for number, name in enumerate(names)],
            "categories": [
                {"id": place + 1, "name": name, "supercategory": "shape"}
                for place, name in enumerate(CLASSES)
            ],
            "annotations": annotations,
        },
    )


def _make_video(path: Path, split: Split, number: int, settings: ToySettings) -> Iterator[dict[str, Any]]:
    """Write one video; yields its annotations, as ``_annotations`` does."""
    scene = video_scene(split, number, settings)
    frames = [render_frame(scene, moment) for moment in range(settings.frames)]
    camera = generator(settings.seed, Purpose(split), number, CAMERA)
    images = film(np.stack([frame.image for frame in frames]), camera, settings)
    write_video(path, images, settings.fps, crf=VIDEO_CRF)
    yield from _annotations(scene, frames)


def _video(identifier: int, name: str, settings: ToySettings) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": name,
        "width": settings.width,
        "height": settings.height,
        "length": settings.frames,
        "file_names": [f"{name}/{frame:05d}.jpg" for frame in range(settings.frames)],
    }


def _annotations(scene: Scene, frames: list[RenderedFrame]) -> Iterator[dict[str, Any]]:
    """Annotations of the scene's classes that show at all, without ids."""
    for place, thing in enumerate(scene.things):
        if thing.kind >= len(CLASSES):
            continue
        masks = np.stack([frame.masks[place] for frame in frames])
        whole_px = np.array([frame.whole_px[place] for frame in frames])
        annotation = instance_tube(masks, whole_px)
        if any(annotation["segmentations"]):
            yield {"category_id": thing.kind + 1, "iscrowd": 0, **annotation}


def instance_tube(masks: NDArray[np.bool_], whole_px: NDArray[np.int64]) -> dict[str, Any]:
    """Per-frame fields of one instance's annotation.

    Args:
        masks: bool (T, H, W) visible pixels.
        whole_px: int64 (T,) pixels that would be visible were nothing before the instance.

    Returns:
        ``height``, ``width``, ``length`` and the lists ``segmentations`` (compressed RLE), ``areas``
        (pixels), ``bboxes`` (x, y, width, height in pixels) and ``occlusion`` (OVIS's words), each of length
        T with null where fewer than ``MIN_VISIBLE_PX`` pixels are visible.
    """
    length, height, width = masks.shape
    counts = encode_masks(masks)
    areas = mask_areas(counts, height, width)
    boxes = mask_boxes(counts, height, width)
    boxes[:, 2:] -= boxes[:, :2]
    hidden = 1 - areas / np.maximum(whole_px, 1)
    words = np.select(
        [hidden > SEVERE_OCCLUSION, hidden > SLIGHT_OCCLUSION],
        ["severe_occlusion", "slight_occlusion"],
        "no_occlusion",
    )
    tube: dict[str, list[Any]] = {"segmentations": [], "areas": [], "bboxes": [], "occlusion": []}
    for frame in range(length):
        shown = areas[frame] >= MIN_VISIBLE_PX
        segmentation = {"size": [height, width], "counts": counts[frame]}
        tube["segmentations"].append(segmentation if shown else None)
        tube["areas"].append(int(areas[frame]) if shown else None)
        tube["bboxes"].append(boxes[frame].tolist() if shown else None)
        tube["occlusion"].append(str(words[frame]) if shown else None)
    return {"height": height, "width": width, "length": length, **tube}

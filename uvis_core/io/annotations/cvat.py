"""Annotations as CVAT keeps them: an xml per video."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId, VideoTruth
from uvis_core.io.cvat_xml import CvatShape, CvatTask, read_shapes, read_task
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION
from uvis_core.io.tubes import build_tube
from uvis_core.jobs import log


def read_cvat(path: Path | str, class_ids: Mapping[str, int] | None = None) -> Annotations:
    """Read an xml of CVAT's, or a folder of them; the shapes of a video when it is asked for.

    Masks and polygons count; shapes of other kinds are left out, with a word in the log. A track is an object; so is
    every shape of an image, for images have no tracks.

    Args:
        path: The xml, or a folder with one per video.
        class_ids: Ids by class name, since CVAT has names alone (default: 1, 2, … in the order of the names).

    Returns:
        Videos by the names of their files without ``.xml``.

    Raises:
        UserError: There are no such files, or they have no classes; also by ``read``, where shapes cannot be used.
    """
    path = Path(path)
    files = {file.stem: file for file in (sorted(path.glob("*.xml")) if path.is_dir() else [path])}
    tasks = {name: read_task(file) for name, file in files.items()}
    named = sorted({label for task in tasks.values() for label in task.labels})
    known = dict(class_ids) if class_ids is not None else {name: rank for rank, name in enumerate(named, 1)}
    if not known:
        raise UserError(f"{path}: holds no xml that names a label", fix="give files that CVAT exported")
    videos: dict[VideoId, Video] = {
        name: Video(name, name, name, *task.size_px, task.frames) for name, task in tasks.items()
    }

    def read(video_id: VideoId) -> VideoTruth:
        return _read_video(files[str(video_id)], tasks[str(video_id)], known)

    names = {number: name for name, number in sorted(known.items(), key=lambda pair: pair[1])}
    fault = f"{path}: annotations of CVAT carry no occlusion score"
    return Annotations(path, videos, names, read, occlusion_fault=fault)


def _read_video(path: Path, task: CvatTask, class_ids: Mapping[str, int]) -> VideoTruth:
    objects: dict[tuple[bool, int], list[CvatShape]] = {}
    skipped: Counter[str] = Counter()
    for count, shape in enumerate(read_shapes(path, task, skipped)):
        key = (False, count) if shape.track is None else (True, shape.track)
        objects.setdefault(key, []).append(shape)
    if skipped:
        kinds = ", ".join(f"{number} of kind {kind}" for kind, number in sorted(skipped.items()))
        log.warning("%s: left out, as only masks and polygons say which pixels: %s", path, kinds)
    truths, tubes = [], []
    for number, shapes in enumerate(objects.values()):
        label = shapes[0].label
        if label not in class_ids:
            raise UserError(
                f"{path}: an object of class {label!r}, which is not among {', '.join(class_ids)}",
                fix="add the class to the vocabulary, or rename or remove the object in CVAT",
            )
        try:
            tube = build_tube({shape.frame: shape.counts for shape in shapes}, *task.size_px)
        except ValueError as error:
            raise UserError(f"{path}: object {number}, {error}", fix="export the file again") from error
        truths.append(TrueObject(number, class_ids[label], False, tube.mean_area_px, UNKNOWN_OCCLUSION))
        tubes.append(tube)
    return VideoTruth(truths, tubes)

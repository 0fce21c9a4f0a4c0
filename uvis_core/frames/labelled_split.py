"""The labelled split: which videos of an annotated json are sub-train, and which are kept apart as sub-val.

YTVIS and OVIS released labels of train alone, so figures that anyone can take need a part of train that nothing was
trained on. Annotations are read here for one thing only: how many videos of each class there are, so that both parts
hold every class in its share. What the stages get is a plan of videos without annotations.
"""

import hashlib
import os
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_items
from uvis_core.io.ytvis import video_name
from uvis_core.provenance import text_digest

# Videos without any object are balanced like a class; ids of real classes begin at 1.
NO_OBJECT = 0


@dataclass(frozen=True)
class AnnotatedVideos:
    """What the split asks of an annotated json.

    Attributes:
        digest: Of the file's content, so that a copy with another time changes nothing.
        classes: Class ids by the text id of every video; empty for a video without objects.
    """

    digest: str
    classes: Mapping[str, Set[int]]


def held_out_videos(
    classes: Mapping[str, Collection[int]], settings: LabelledSplitSettings
) -> frozenset[str]:
    """Choose the videos that are kept apart, so that every class has its share among them.

    Iterative stratification (Sechidis et al., 2011) for two parts: classes are served from the one with the fewest
    videos left to the one with the most; each of its videos goes to the part that still misses most of that class.
    Videos of a class come in the order of a hash of seed and id, so the order of the file means nothing. Where every
    video has one class, a class of n videos gives n times the share, rounded; a class of very few may give none.

    Args:
        classes: Class ids by video id; empty for a video without objects.
        settings: Share and seed.

    Returns:
        Ids of the videos of sub-val.

    Raises:
        UserError: So few videos that one part would have none.
    """
    order = sorted(
        classes, key=lambda name: (hashlib.sha256(f"{settings.seed}:{name}".encode()).digest(), name)
    )
    groups = {name: set(classes[name]) or {NO_OBJECT} for name in order}
    waiting: dict[int, dict[str, None]] = {}
    for name in order:
        for group in groups[name]:
            waiting.setdefault(group, {})[name] = None
    # Exact arithmetic: ties are ties on every machine.
    share = Fraction(str(settings.share))
    missing = {group: [(1 - share) * len(names), share * len(names)] for group, names in waiting.items()}
    missing_in_all = [(1 - share) * len(order), share * len(order)]
    kept_apart = set()
    while waiting:
        group = min(waiting, key=lambda key: (len(waiting[key]), key))
        for name in list(waiting[group]):
            train, val = zip(missing[group], missing_in_all, strict=True)
            part = int(val > train)
            if part:
                kept_apart.add(name)
            missing_in_all[part] -= 1
            for member in groups[name]:
                missing[member][part] -= 1
                del waiting[member][name]
        waiting = {key: names for key, names in waiting.items() if names}
    if len(kept_apart) in (0, len(order)):
        raise UserError(
            f"{len(order)} videos: a share of {settings.share} leaves one part without any",
            fix="choose sources.split.share nearer to 0.5, or give a json with more videos",
        )
    return frozenset(kept_apart)


def video_classes(source: Path | str) -> dict[str, set[int]]:
    """Class ids that the annotations give each video of a json in YTVIS or OVIS layout, by the video's text id.

    The json is read entry by entry: memory does not grow with the masks in it.

    Raises:
        UserError: The json has no videos or no annotations, or an annotation lacks its video or class.
    """
    annotated = False
    try:
        names = {video["id"]: video_name(video) for video in iterate_items(source, "videos.item")}
        found: dict[str, set[int]] = {name: set() for name in names.values()}
        for annotation in iterate_items(source, "annotations.item") if found else ():
            annotated = True
            if not isinstance(annotation["category_id"], int):
                raise TypeError(f"category_id is {annotation['category_id']!r}")
            found[names[annotation["video_id"]]].add(annotation["category_id"])
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{source}: a video or annotation is incomplete, or belongs to no listed video ({error!r})",
            fix="give every video an id, every annotation video_id and a whole number as category_id",
        ) from error
    if not annotated:
        lacking = "annotations" if found else "videos"
        raise UserError(
            f"{source}: holds no {lacking}, so it cannot be split by class",
            fix="give the json of the train split, the only one released with labels, or set sources.split to null",
        )
    return found


def read_annotated(json_path: Path | str, cache_folder: Path | str | None = None) -> AnnotatedVideos:
    """Read what the split asks of an annotated json.

    Args:
        json_path: The annotated json.
        cache_folder: Where the answer is kept, valid while the json's size and time stay the same, so that a json of
            hundreds of megabytes is not read at every start of the workflow. None reads it always.

    Raises:
        UserError: As ``video_classes``.
    """
    status = Path(json_path).stat()
    place = os.path.abspath(json_path)  # noqa: PTH100 - links stay links
    state = [place, status.st_size, status.st_mtime_ns]
    cache = Path(cache_folder) / f"classes-{text_digest(place)}.json" if cache_folder is not None else None
    if cache is not None and cache.is_file():
        try:
            kept = read_json(cache)
        except UserError:
            kept = None
        if isinstance(kept, dict) and kept.get("state") == state:
            return AnnotatedVideos(kept["digest"], {name: set(ids) for name, ids in kept["classes"].items()})
    found = AnnotatedVideos(_file_digest(json_path), video_classes(json_path))
    if cache is not None:
        classes = {name: sorted(ids) for name, ids in found.classes.items()}
        write_json(cache, {"state": state, "digest": found.digest, "classes": classes})
    return found


def _file_digest(path: Path | str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]

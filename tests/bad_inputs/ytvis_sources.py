"""Data sets whose json, in YTVIS or OVIS layout, lists the images."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.extracted import extracted
from uvis_core.config.frames import SourceSettings
from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.frames.labelled_split import held_out_videos, read_annotated
from uvis_core.frames.layout import check_files, check_images
from uvis_core.frames.sources import list_videos
from uvis_core.io.images import write_image

VIDEOS = ("good", "odd")
MASK = {"size": [24, 32], "counts": "0" * 5000}


def sound() -> dict[str, Any]:
    """A json of two videos of three frames, with an object each."""
    videos = [
        {
            "id": number,
            "height": 24,
            "width": 32,
            "length": 3,
            "file_names": [f"{name}/{frame}.jpg" for frame in range(3)],
        }
        for number, name in enumerate(VIDEOS, 1)
    ]
    annotations = [{"id": n, "video_id": n, "category_id": n, "segmentations": [MASK] * 3} for n in (1, 2)]
    return {
        "videos": videos,
        "annotations": annotations,
        "categories": [{"id": n, "name": str(n)} for n in (1, 2)],
    }


def written(folder: Path, content: Any) -> SourceSettings:
    """The source of a json and of the images of both videos; content that is no object is written as it is."""
    for name in VIDEOS:
        for frame in range(3):
            write_image(folder / "images" / name / f"{frame}.jpg", np.zeros((24, 32, 3), np.uint8))
    path = folder / "train.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return SourceSettings(kind="ytvis", path=str(path), image_root=str(folder / "images"), truth=str(path))


Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    """The sound json, in which something is another."""
    content = sound()
    change(content)
    return content


def odd(**keys: Any) -> Change:
    """Gives the second video other keys."""
    return lambda content: content["videos"][1].update(keys)


def listed(source: SourceSettings) -> None:
    """What the workflow does as it is parsed."""
    check_files(source, None)
    check_images(list_videos(source), 0.5, None)


def refused(what: str, content: Any, *words: str) -> BadInput:
    """A json that ends the run; a function changes the sound one."""

    def meet(folder: Path) -> str:
        return refusal(listed, written(folder, changed(content) if callable(content) else content))

    return BadInput(what, meet, "refused", (*words, "fix:"))


def unsplit(what: str, content: Any, *words: str) -> BadInput:
    """A json that cannot be divided by class."""

    def meet(folder: Path) -> str:
        written(folder, changed(content) if callable(content) else content)
        return refusal(read_annotated, folder / "train.json")

    return BadInput(what, meet, "refused", ("train.json", *words, "fix:"))


def recorded(
    what: str, make: Callable[[Path], object], *words: str, change: Change = lambda content: None
) -> BadInput:
    """One video that is listed as failed beside a good one."""

    def meet(folder: Path) -> str:
        source = written(folder, changed(change))
        make(folder / "images/odd")
        listed(source)
        return extracted(source, folder, failed=("odd",))

    return BadInput(what, meet, "recorded", ("images/odd", *words))


def used(what: str, content: Any, *words: str) -> BadInput:
    """A json that is used as it is."""

    def meet(folder: Path) -> str:
        source = written(folder, content)
        listed(source)
        return extracted(source, folder, failed=())

    return BadInput(what, meet, "accepted", words)


def missing_root(folder: Path) -> str:
    """Images of which none is there."""
    source = written(folder, sound())
    return refusal(listed, source.model_copy(update={"image_root": str(folder / "nowhere")}))


def many_missing(folder: Path) -> str:
    """More folders missing than may fail."""
    source = written(folder, sound())
    (folder / "images/odd").rename(folder / "elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return refusal(check_images, list_videos(source), 0.1, None)


def large(folder: Path) -> str:
    """A json of many masks is listed and split in the memory of its videos alone."""
    peaks = []
    for masks in (60, 600):
        content = sound()
        content["annotations"] *= masks // 2
        source = written(folder, content)
        tracemalloc.start()
        listed(source)
        assert read_annotated(folder / "train.json").classes == {"good": {1}, "odd": {2}}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < min(1.2 * peaks[0], (folder / "train.json").stat().st_size / 10), peaks
    return "as much memory for ten times the masks"


def split_with(change: Change) -> Callable[[Path], str]:
    """Divides a json of odd annotations by class."""

    def meet(folder: Path) -> str:
        written(folder, changed(change))
        classes = read_annotated(folder / "train.json").classes
        held_out = held_out_videos(classes, LabelledSplitSettings(share=0.5))
        return f"{len(held_out)} of {len(classes)} videos are kept apart"

    return meet


def polygons(content: dict[str, Any]) -> None:
    """Polygons in place of run lengths."""
    for annotation in content["annotations"]:
        annotation["segmentations"] = [[[1, 1, 9, 1, 9, 9]], None, [[2, 2, 9, 2, 9, 9]]]


EVERY = ("good: 3 frames of 24 x 32", "odd: 3 frames of 24 x 32")
JSON = json.dumps(sound())

CASES = [
    refused("no bytes", b"", "not valid json"),
    refused("text that is no json", b"videos: none\n", "not valid json"),
    refused("a json that breaks off", JSON[:300].encode(), "not valid json"),
    refused("UTF-16", JSON.encode("utf-16"), "not valid json"),
    refused("a list in place of an object", [], "lists no videos", "'videos'"),
    refused("no key videos", lambda content: content.pop("videos"), "lists no videos"),
    refused("an empty list of videos", lambda content: content["videos"].clear(), "lists no videos"),
    refused(
        "a video that is a number", lambda content: content["videos"].append(7), "no id or no file_names: 7"
    ),
    refused(
        "a video without an id", lambda content: content["videos"][1].pop("id"), "no id or no file_names"
    ),
    refused("a video without images", odd(file_names=[]), "no id or no file_names"),
    refused(
        "file names that are one text",
        odd(file_names="odd/0.jpg"),
        "video number 1: file_names is 'odd/0.jpg'",
        "as a list",
    ),
    refused(
        "a file name that is null",
        odd(file_names=["odd/0.jpg", None, "odd/2.jpg"]),
        "None is not a relative path",
    ),
    refused(
        "an absolute file name",
        odd(file_names=["/etc/passwd"] * 3),
        "'/etc/passwd' leads out of the image root",
    ),
    refused(
        "a file name that leads upwards",
        odd(file_names=["odd/../../x.jpg"] * 3),
        "'odd/../../x.jpg' leads out",
    ),
    refused("a file name that is a dot", odd(file_names=["."] * 3), "'.' names no file"),
    refused(
        "a file name with a zero byte",
        odd(file_names=["odd/\0.jpg"] * 3),
        r"'odd/\x00.jpg' is not a relative path",
    ),
    refused("a file name of Windows", odd(file_names=["odd\\0.jpg"] * 3), "is not a relative path"),
    refused("a name that leads upwards", odd(name="../up"), "'../up'", "cannot be used"),
    refused("an id that stands twice", odd(id=1), "video number 1: id 1 is taken twice"),
    refused("an id that is a list", odd(id=[2]), "video number 1: id is [2]"),
    refused("an id that is a fraction", odd(id=2.5), "video number 1: id is 2.5"),
    refused("an id beyond 64 bits", odd(id=10**30), "31 characters is beyond 64 bits"),
    refused("an id that is NaN", odd(id=float("nan")), "NaN and Infinity are no json"),
    refused("a length that is none", odd(length=30), "video number 1: length is 30, but it has 3 file_names"),
    refused("a height that is a text", odd(height="24"), "video number 1: height is '24'"),
    refused("a width of 0", odd(width=0), "video number 1: width is 0"),
    refused("a height that is infinite", odd(height=float("inf")), "NaN and Infinity are no json"),
    refused("two videos of one name", odd(name="good"), "two videos are called 'good'", "images/odd/0.jpg"),
    BadInput(
        "no folder of images", missing_root, "refused", ("nowhere: no such folder", "'image_root'", "fix:")
    ),
    BadInput(
        "more folders of images missing than may fail",
        many_missing,
        "refused",
        ("images of 1 of 2 videos are missing", "images/odd", "fix:"),
    ),
    recorded("one missing image", lambda images: (images / "1.jpg").unlink(), "1.jpg: the frame is missing"),
    recorded(
        "images of another size than the json says",
        lambda images: None,
        "0.jpg: measures 24 x 32 pixels, the json says 48 x 64",
        change=odd(height=48, width=64),
    ),
    recorded(
        "a JPEG that is cut",
        lambda images: (images / "2.jpg").write_bytes((images / "2.jpg").read_bytes()[:400]),
        "2.jpg: cannot be read as an image",
    ),
    used("a byte order mark", b"\xef\xbb\xbf" + JSON.encode(), *EVERY),
    used(
        "neither sizes nor lengths",
        {"videos": [{"id": 2, "file_names": ["odd/0.jpg"]}]},
        "odd: 1 frames of 24 x 32",
    ),
    used(
        "ids that are texts",
        changed(lambda content: [v.update(id=v["file_names"][0]) for v in content["videos"]]),
        *EVERY,
    ),
    BadInput("thousands of masks", large, "accepted", ("as much memory for ten times the masks",)),
    unsplit(
        "a split by class without annotations",
        lambda content: content.update(annotations=None),
        "holds no annotations",
    ),
    unsplit(
        "a split by class, and an annotation of no listed video",
        lambda content: content["annotations"][0].update(video_id=9),
        "KeyError(9)",
    ),
    unsplit(
        "a split by class, and a class that is a text",
        lambda content: content["annotations"][0].update(category_id="dog"),
        "category_id is 'dog'",
    ),
    BadInput(
        "a split by class of polygons", split_with(polygons), "accepted", ("1 of 2 videos are kept apart",)
    ),
]

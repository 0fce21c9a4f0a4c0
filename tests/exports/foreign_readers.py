"""Opens exports with other projects' readers, in an environment of theirs: python foreign_readers.py READER PATH.

Prints what they found as json. Nothing of this project is imported here.
"""

import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

os.environ["FIFTYONE_DISABLE_SERVICES"] = "true"  # its importers need no database
os.environ["FIFTYONE_DO_NOT_TRACK"] = "true"


def packed(mask: np.ndarray) -> dict[str, Any]:
    """A mask as text."""
    bits = np.packbits(np.asarray(mask).astype(bool))
    return {"shape": list(mask.shape), "bits": base64.b64encode(bits.tobytes()).decode()}


def datumaro_cvat(path: str) -> Iterator[dict[str, Any]]:
    """Shapes of one of CVAT's xml files."""
    from datumaro import Dataset

    dataset = Dataset.import_from(path, "cvat")
    names = [one.name for one in next(iter(dataset.categories().values())).items]
    for item in dataset:
        for found in item.annotations:
            shape = (
                {"points": list(found.points)} if hasattr(found, "points") else {"mask": packed(found.image)}
            )
            yield {
                "frame": item.attributes["frame"],
                "label": names[found.label],
                **{
                    name: found.attributes.get(name)
                    for name in ("track_id", "outside", "keyframe", "mask_id")
                },
                "area": float(found.get_area()),
                **shape,
            }


def cvat_sdk(path: str) -> Iterator[dict[str, Any]]:
    """Masks of one of CVAT's xml files, decoded by CVAT."""
    from cvat_sdk.masks import decode_mask

    for image in ElementTree.parse(path).getroot().iter("image"):
        size = {f"image_{name}": int(image.get(name, "")) for name in ("width", "height")}
        for mask in image.iter("mask"):
            left, top, width, height = (
                int(mask.get(name, "")) for name in ("left", "top", "width", "height")
            )
            runs = [int(text) for text in mask.get("rle", "").split(",")]
            found = decode_mask([*runs, left, top, left + width - 1, top + height - 1], **size)
            yield {"frame": int(image.get("id", "")), "label": mask.get("label"), "mask": packed(found)}


def datumaro_mots(path: str) -> Iterator[dict[str, Any]]:
    """Masks of a folder of MOTS PNG."""
    from datumaro import Dataset

    dataset = Dataset.import_from(path, "mots")
    names = [one.name for one in next(iter(dataset.categories().values())).items]
    for item in dataset:
        for found in item.annotations:
            track = int(found.attributes["track_id"])
            yield {"image": item.id, "label": names[found.label], "track": track, "mask": packed(found.image)}


def fiftyone(path: str) -> Iterator[dict[str, Any]]:
    """Detections of FiftyOne's own layout."""
    from fiftyone.utils.data.importers import FiftyOneImageDetectionDatasetImporter

    fields = ("mask_id", "index", "video", "frame_number", "objectness", "class_score", "similarity")
    yield from detections(FiftyOneImageDetectionDatasetImporter(dataset_dir=path), fields)


def fiftyone_coco(path: str) -> Iterator[dict[str, Any]]:
    """Detections of a COCO json, with its images copied beside it."""
    from fiftyone.utils.coco import COCODetectionDatasetImporter

    importer = COCODetectionDatasetImporter(
        data_path=f"{path}/images",
        labels_path=f"{path}/instances.json",
        label_types="segmentations",
        extra_attrs=["track_id"],
        use_polylines=False,
    )
    yield from detections(importer, ("track_id",))


def detections(importer: Any, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What one of FiftyOne's importers finds."""
    with importer:
        for path, _, found in importer:
            found = found.get("segmentations") if isinstance(found, dict) else found
            for one in found.detections if found else ():
                yield {
                    "image": "/".join(Path(path).parts[-2:]),
                    "there": Path(path).is_file(),
                    "label": one.label,
                    "box": list(one.bounding_box),
                    "confidence": one.confidence,
                    **{name: one[name] for name in fields if one.has_field(name)},
                    "mask": packed(one.get_mask()),
                }


if __name__ == "__main__":
    reader = globals()[sys.argv[1]]
    print(json.dumps(list(reader(sys.argv[2]))))

"""Checks of the truth that look into its files: the settings alone cannot say what these hold."""

import mmap
from pathlib import Path

from uvis_core.config.root import Configuration
from uvis_core.io.errors import UserError


def check_truth(configuration: Configuration) -> None:
    """See that annotations are where the configuration says, in a form that can be read, with what the protocol needs.

    Raises:
        UserError: Names the key and the path.
    """
    for split in ("train", "test"):
        source = getattr(configuration.sources, split)
        if source is not None and source.truth is not None:
            _check_form(f"sources.{split}.truth", Path(source.truth))
    truth = configuration.source(configuration.test_split).truth
    if configuration.evaluation.protocol == "ovis" and truth is not None and not names_occlusion(Path(truth)):
        raise UserError(
            f"evaluation.protocol: ovis, but {truth} says nothing of occlusion",
            fix="set evaluation.protocol to ytvis, or give annotations in OVIS layout",
        )


def names_occlusion(truth: Path) -> bool:
    """Whether a json of annotations mentions occlusion anywhere; never true of a folder of images.

    The file is searched as bytes, not read as json, up to the first annotation that has it. One that has none costs a
    second or two per gigabyte, once, as the run then ends.
    """
    if not truth.is_file() or truth.stat().st_size == 0:
        return False
    with truth.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"occlusion"') >= 0


def _check_form(key: str, truth: Path) -> None:
    if truth.suffix in (".json", ".xml"):
        if not truth.is_file():
            raise UserError(f"{key}: {truth}: no such file", fix="correct the path, or set it to null")
    elif not truth.is_dir():
        there = "is neither a .json, nor an .xml, nor a folder" if truth.exists() else "no such folder"
        raise UserError(
            f"{key}: {truth}: {there}",
            fix="give a .json in YTVIS or OVIS layout, an .xml of CVAT's or a folder of them, a folder of DAVIS "
            "annotations, or null",
        )

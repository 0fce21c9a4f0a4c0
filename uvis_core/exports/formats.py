"""The formats: a new one is a module with its writer and an entry here and in ``config/exports.py``."""

from collections.abc import Callable, Mapping
from pathlib import Path

from uvis_core.config.exports import SINGLE_FILES, Exported, ExportFormat, holds
from uvis_core.exports import coco, cvat, davis, fiftyone, mots, overlay, table, yolo, ytvis
from uvis_core.exports.content import Content
from uvis_core.exports.folder import write_folder
from uvis_core.io.errors import UserError

Writer = Callable[[Path, Content], None]

FILES: Mapping[ExportFormat, Mapping[Exported, Writer]] = {
    "ytvis": {"labels": ytvis.write_labels, "tracks": ytvis.write_tracks},
}
"""Format → what it holds → what writes it: one file, given its path."""

FOLDERS: Mapping[ExportFormat, Writer] = {
    "coco": coco.write,
    "cvat": cvat.write,
    "mots": mots.write,
    "davis": davis.write,
    "yolo": yolo.write,
    "csv": table.write,
    "fiftyone": fiftyone.write,
    "overlay": overlay.write,
}
"""Format → what writes it: the files of a folder, given the empty folder."""


def write_export(output: Path | str, name: ExportFormat, content: Content) -> None:
    """Write labels or tracks in a format.

    Args:
        output: The json, or the index of a folder (``folder.write_folder``).
        name: The format.
        content: Labels or tracks of a split.

    Raises:
        UserError: The format cannot hold them, or they cannot be written.
    """
    if not holds(name, content.of):
        raise UserError(f"{name} cannot hold {content.of}", fix="export the tracks")
    if name in SINGLE_FILES:
        FILES[name][content.of](Path(output), content)
    else:
        write_folder(output, name, FOLDERS[name], content)

"""The formats: a new one is a module with its writers and an entry here and in ``config/exports.py``."""

from collections.abc import Callable, Mapping
from pathlib import Path

from uvis_core.config.exports import ExportFormat
from uvis_core.exports import ytvis
from uvis_core.exports.content import Content

Writer = Callable[[Path | str, Content], None]

FORMATS: Mapping[ExportFormat, Mapping[str, Writer]] = {
    "ytvis": {"labels": ytvis.write_labels, "tracks": ytvis.write_tracks},
}
"""Format → what it can hold (labels, tracks) → what writes it."""

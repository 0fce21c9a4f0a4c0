"""Published figures, kept as data beside this module in ``published.json``."""

from pathlib import Path

from pydantic import Field

from uvis_core.config.base import Settings, validated
from uvis_core.io.atomic import read_json


class PublishedRow(Settings):
    """One row of a published table."""

    row: str = Field(min_length=1, description="Its name, by which an experiment is put beside it.")
    label: str = Field("", description="What was measured, in words.")
    figures: dict[str, dict[str, float]] = Field(
        min_length=1, description="Data set, and figures by name, in percent."
    )


class PublishedTable(Settings):
    """One published table."""

    name: str = Field(min_length=1, description="Its name under comparison in the configuration.")
    title: str = Field(min_length=1, description="Heading.")
    source: str = Field(min_length=1, description="Publication, and the table in it.")
    note: str = Field("", description="What to know about the published figures.")
    shown: tuple[str, ...] = Field(min_length=1, description="Figures of a run to show beside them, by name.")
    rows: tuple[PublishedRow, ...] = Field(min_length=1, description="The rows in their published order.")


class Published(Settings):
    """All published tables."""

    tables: tuple[PublishedTable, ...] = Field(min_length=1, description="The tables, in order of reading.")


def read_published(path: Path | str) -> Published:
    """Read the published figures.

    Raises:
        UserError: The file is missing, or a key or value in it is wrong; says which.
    """
    return validated(Published, read_json(path), str(path))

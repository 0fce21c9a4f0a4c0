"""What every table says about its own making."""

import argparse
import json

from uvis_core.config.base import Settings
from uvis_core.jobs import library_versions


def add_code_digest(parser: argparse.ArgumentParser) -> None:
    """Give the parser the flag by which the workflow hands over the digest of the stage's code."""
    parser.add_argument(
        "--code-digest", default="", metavar="TEXT", help="digest of the code, stored in the table"
    )


def stamp(
    arguments: argparse.Namespace, settings: Settings | None = None, exclude: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Provenance for ``write_table``: settings, code digest and library versions, as text.

    Args:
        arguments: Parsed by a parser that went through ``add_code_digest``.
        settings: The stage's own parameters, if it has any.
        exclude: Names among them that do not change this table.
    """
    return {
        "settings": json.dumps(
            settings.model_dump(mode="json", exclude=set(exclude)) if settings is not None else {},
            sort_keys=True,
        ),
        "code": arguments.code_digest,
        "libraries": json.dumps(library_versions(), sort_keys=True),
    }

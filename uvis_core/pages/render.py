"""From facts to the text of a page: templates and escaping."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from uvis_core.pages.formats import (
    format_count,
    format_duration,
    format_figure,
    format_memory,
    format_number,
    shortened,
)

SHARED = Path(__file__).parent / "templates"


def render_page(template: Path, facts: Mapping[str, Any]) -> str:
    """Fill a template. All text is escaped, so names from files cannot become markup.

    Args:
        template: May include its neighbours and the style sheet that all pages share.
        facts: Every name that the template and those that it includes use.

    Raises:
        jinja2.UndefinedError: A name is missing.
    """
    environment = Environment(
        loader=FileSystemLoader([template.parent, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=format_number,
        count=format_count,
        figure=format_figure,
        duration=format_duration,
        memory=format_memory,
        shortened=shortened,
    )
    return environment.get_template(template.name).render(facts)

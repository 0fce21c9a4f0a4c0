from pathlib import Path

import pytest
from jinja2 import UndefinedError

from uvis_core.pages.render import render_page


def template(folder: Path, text: str) -> Path:
    path = folder / "page.html.j2"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_missing_fact_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render_page(template(tmp_path, "{{ name }}"), {})


def test_text_of_facts_is_no_markup(tmp_path: Path) -> None:
    assert render_page(template(tmp_path, "<b>{{ name }}</b>"), {"name": "<i>"}) == "<b>&lt;i&gt;</b>"


def test_numbers_have_their_formats(tmp_path: Path) -> None:
    text = (
        "{{ 1 | count('video') }} {{ 2.0 | figure }} {{ 3.0 | duration }} {{ 4.0 | memory }} {{ 5 | number }}"
    )
    page = render_page(template(tmp_path, text), {})
    assert page.replace("\u202f", " ") == "1 video 2.0 3.0 s 4 MB 5"


def test_pages_include_their_neighbours_and_the_shared_style(tmp_path: Path) -> None:
    (tmp_path / "part.html.j2").write_text("part of {{ name }}", encoding="utf-8")
    page = render_page(
        template(tmp_path, '{% include "part.html.j2" %}{% include "style.css" %}'), {"name": "it"}
    )
    assert page.startswith("part of it:root {")

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

TEMPLATES = sorted(ROOT.glob("uvis_core/*/templates/*.j2"))
PAGES = [path for path in TEMPLATES if "<html" in path.read_text(encoding="utf-8")]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
SOURCES_ALLOWED = {
    "default-src": {"'none'"},
    "style-src": {"'unsafe-inline'"},
    "media-src": {"data:"},
    "img-src": {"data:"},
    "base-uri": {"'none'"},
    "form-action": {"'none'"},
}


def policy_of(page: Path) -> dict[str, set[str]]:
    found = POLICY.search(page.read_text(encoding="utf-8"))
    assert found, page
    return {name: set(sources) for name, *sources in (part.split() for part in found[1].split(";"))}


def test_pages_are_found() -> None:
    assert {path.name for path in PAGES} >= {"report.html.j2", "tables.html.j2"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing(page: Path) -> None:
    policy = policy_of(page)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == {"'none'"}
    for name, sources in policy.items():
        assert sources <= SOURCES_ALLOWED[name], name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_fact_is_markup(template: Path) -> None:
    """Only what the template itself says is taken as it is."""
    text = template.read_text(encoding="utf-8")
    assert all(before in ("'", '"') for before in re.findall(r"(\S)\s*\|\s*safe\b", text))
    assert "autoescape" not in text
    assert "<script" not in text

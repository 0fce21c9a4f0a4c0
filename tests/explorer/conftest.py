import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.explorer.made import NAMES, write_run
from uvis_core.explorer.rows import Rows, read_rows
from uvis_core.explorer.run import RunFolder


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A whole run, which no test changes."""
    return write_run(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def rows(run: RunFolder) -> Rows:
    """Its crops."""
    return read_rows(run.splits["train"], list(NAMES))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: make test-browser does it"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()

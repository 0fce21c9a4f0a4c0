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

"""What all tests share: where the goldens and the optional shared material are, and which tests may skip."""

import os
from collections.abc import Generator, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOLDENS = ROOT / "tests" / "goldens"
SKIPS = Path(__file__).with_name("skips.txt")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference material that does not come with the project; tests that need it skip without it."""
    folder = Path(os.environ.get("UVIS_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"reference material not found at {folder}: set UVIS_SHARED to its folder")
    return folder


def allowed_skips() -> Iterator[str]:
    """Patterns of the tests that may skip."""
    for line in SKIPS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split(maxsplit=1)[0]


def refused_skip(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """What to say of a skip that the list does not name; None for every other outcome."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    if any(fnmatchcase(report.nodeid, pattern) for pattern in allowed_skips()):
        return None
    *_, reason = report.longrepr
    return f"{report.nodeid} skips, which {SKIPS.relative_to(ROOT)} does not allow. {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips without being named in the list fails."""
    report = yield
    if refused := refused_skip(report):
        report.outcome, report.longrepr = "failed", refused
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A test file that skips as a whole without being named in the list is an error."""
    report = yield
    if refused := refused_skip(report):
        report.outcome, report.longrepr = "failed", refused
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Let the longest begin, for processes side by side, and look after the list of skips."""
    items.sort(key=lambda item: SKIPS.parent / "workflow" not in item.path.parents)
    refuse_stale_skips(session, config, items)


def refuse_stale_skips(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run of the whole suite, before any -k or -m, stops where a line of the list fits no test."""
    asked = {(config.invocation_params.dir / one).resolve() for one in config.args}
    left_out = session.testsfailed or config.getoption("ignore") or config.getoption("ignore_glob")
    if left_out or not asked & {ROOT, SKIPS.parent}:
        return
    stale = [one for one in allowed_skips() if not any(fnmatchcase(item.nodeid, one) for item in items)]
    if stale:
        raise pytest.UsageError(f"no test fits {', '.join(stale)}: take it out of {SKIPS.relative_to(ROOT)}")

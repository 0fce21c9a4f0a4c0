"""The list of tests that may skip, and what becomes of the others: a run of its own on made-up tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SKIPS

LISTED = """
import pytest

def test_passes(): pass

def test_listed(): pytest.skip("no clips here")
"""
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs pytest on the files given, beside one in which a listed test skips; returns exit status and output."""

    def run(*arguments: str, skips: str = "", **files: str) -> tuple[int, str]:
        tests = tmp_path / "tests"
        tests.mkdir()
        (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
        shutil.copy(SKIPS.with_name("conftest.py"), tests)
        (tests / "skips.txt").write_text(f"# why\ntests/test_a.py::test_list*  no clips\n{skips}")
        for name, text in ({"test_a": LISTED} | files).items():
            (tests / f"{name}.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_every_line_says_why() -> None:
    lines = [line for line in SKIPS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert len(line.split()) > 1, line


def test_listed_skips_are_skips(run: Run) -> None:
    status, output = run()
    assert status == 0, output
    assert "1 passed, 1 skipped" in output


@pytest.mark.parametrize(
    "text",
    [
        'import pytest\ndef test_other(): pytest.skip("no network")',
        'import pytest\n@pytest.mark.skipif(True, reason="no network")\ndef test_other(): pass',
        "import pytest\n@pytest.fixture\ndef web(): pytest.skip('no network')\ndef test_other(web): pass",
    ],
    ids=["call", "mark", "fixture"],
)
def test_other_skips_fail_by_name(run: Run, text: str) -> None:
    status, output = run(test_b=text)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "tests/test_b.py::test_other skips, which tests/skips.txt does not allow" in output
    assert "no network" in output
    assert "1 passed, 1 skipped" in output


def test_a_file_that_skips_as_a_whole_is_an_error(run: Run) -> None:
    status, output = run(test_b='import pytest\npytest.importorskip("no_such_module")')
    assert status == pytest.ExitCode.INTERRUPTED
    assert "tests/test_b.py skips, which tests/skips.txt does not allow" in output
    assert "no_such_module" in output


def test_expected_failures_are_no_skips(run: Run) -> None:
    status, output = run(test_b="import pytest\n@pytest.mark.xfail\ndef test_other(): assert False")
    assert status == 0, output
    assert "1 xfailed" in output


def test_lines_that_fit_no_test_are_named(run: Run) -> None:
    status, output = run("-k", "passes", skips="tests/test_gone.py::test_x  no clips\n")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "no test fits tests/test_gone.py::test_x: take it out of tests/skips.txt" in output


def test_a_run_of_a_part_needs_no_whole_list(run: Run) -> None:
    status, output = run("tests/test_a.py", skips="tests/test_gone.py::test_x  no clips\n")
    assert status == 0, output

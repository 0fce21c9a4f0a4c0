"""Names with what a shell would obey stay names on every command line of the workflow."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import Checkout, copy_repository

pytestmark = pytest.mark.slow

HOSTILE = "a b;$(touch hacked)'\"&c"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository without results."""
    return copy_repository(tmp_path_factory.mktemp("quoting"))


def test_folders_of_any_name_stay_one_word(checkout: Checkout) -> None:
    vocabulary = Path(checkout.folder, HOSTILE, "words.txt")
    vocabulary.parent.mkdir()
    vocabulary.write_text("star\nring\n")
    configfile = checkout.overlay(results=f"{HOSTILE}/results", vocabulary=f"{HOSTILE}/words.txt")
    output = checkout.snakemake(
        "--dry-run", "--printshellcmds", "all", "exports", "tables", configfile=configfile
    )
    commands = re.findall(r"^Shell command: (python .*)$", output, re.MULTILINE)
    assert len(commands) > 20
    for command in commands:
        words = [word for word in words_given(command, checkout.folder) if "hacked" in word]
        assert words, command
        assert all(HOSTILE in word for word in words), command
    assert not list(checkout.folder.rglob("hacked"))


def words_given(command: str, folder: Path) -> list[str]:
    """What a shell makes of a command line, without running its program; the folder of its log is made."""
    log = [word for word in shlex.split(command) if word.endswith(".log")][-1]
    Path(folder, log).parent.mkdir(parents=True, exist_ok=True)
    shell = ["bash", "-euo", "pipefail", "-c", f'python() {{ printf "%s\\0" "$@" > words; }}\n{command}']
    subprocess.run(shell, cwd=folder, check=True)
    return Path(folder, "words").read_text().split("\0")

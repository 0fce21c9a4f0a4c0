"""One text for one meaning, whatever the running Python.

``syntax/kinds.txt`` holds every kind of syntax, ``syntax/digests.json`` what is known of it.
"""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from uvis_core.provenance import code_digest
from uvis_core.syntax import computing

KINDS = Path(__file__).parent / "syntax" / "kinds.txt"
KNOWN = json.loads((KINDS.parent / "digests.json").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FIRST, BEYOND = (int(minor) for minor in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
DIGESTS = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from uvis_core.provenance import code_digest
folders = [Path(argument) for argument in sys.argv[1:]]
scripts = [(script.relative_to(root), root) for root in folders for script in root.glob("scripts/*.py")]
print(json.dumps({script.name: code_digest(script, root) for script, root in scripts}))
"""


def text(source: str) -> str:
    return computing(source)[0]


def test_different_constants_have_different_texts() -> None:
    constants = [
        *(
            "0",
            "1",
            "-1",
            "10",
            "18446744073709551616",
            "0.0",
            "-0.0",
            "1.0",
            "-1.0",
            "1e999",
            "1j",
            "1.0 + 1j",
        ),
        *("True", "False", "None", "...", "0x1", "[]", "()", "{}", "[None]", "[[]]", "[()]", "(None,)"),
        *(
            '""',
            '"0"',
            '"1"',
            '"True"',
            '"None"',
            '"..."',
            'b""',
            'b"0"',
            """ "b''" """,
            '"0x1"',
            '"int 0x1"',
        ),
        *(
            '"ä"',
            r'"\\xe4"',
            """ "a'b" """,
            """ 'a"b' """,
            '"a, b"',
            '"a", "b"',
            '("a", "b"),',
            """ "a', 'b" """,
        ),
    ]
    same = {"1": "0x1"}
    texts = {constant: text(f"x = {constant}") for constant in constants}
    assert len(set(texts.values())) == len(texts) - len(same)
    assert all(texts[one] == texts[other] for one, other in same.items())


def test_numbers_too_long_to_print_have_a_text() -> None:
    """Python refuses to write integers of more than 4,300 digits in decimal."""
    long = "0x" + "f" * 5000
    assert text(f"x = {long}") != text(f"x = {long}f")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one script for each kind of syntax."""
    root = tmp_path_factory.mktemp("kinds")
    (root / "scripts").mkdir()
    _, *parts = KINDS.read_text(encoding="utf-8").split("\n---- ")
    for part in parts:
        name, _, source = part.partition("\n")
        (root / "scripts" / f"{name}.py").write_text(source, encoding="utf-8")
    return root


@pytest.mark.parametrize("name", KNOWN)
def test_known_digests(name: str, kinds: Path) -> None:
    assert code_digest(f"scripts/{name}.py", kinds) == KNOWN[name]


def test_every_kind_is_known(kinds: Path) -> None:
    assert {script.stem for script in kinds.glob("scripts/*.py")} == KNOWN.keys()


def interpreter(version: str) -> str:
    """A Python of this version, on the path or beside others of pyenv; the test is skipped where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]
    for place in filter(None, places):
        # A name on the path may be pyenv's, which fails where this version is not chosen.
        ask = [place, "-I", "-S", "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        if subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip() == version:
            return str(place)
    pytest.skip(f"Python {version} is not on this machine")


@pytest.mark.parametrize("version", [f"3.{minor}" for minor in range(FIRST, BEYOND)])
def test_every_supported_python_says_the_same(version: str, kinds: Path) -> None:
    """Without site-packages: the standard library is all that the digest needs."""
    command = [interpreter(version), "-I", "-S", "-B", "-c", DIGESTS, str(ROOT), str(kinds)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    own = {script.name: code_digest(script.relative_to(ROOT)) for script in ROOT.glob("scripts/*.py")}
    assert len(own) > 20
    assert found == own | {f"{name}.py": digest for name, digest in KNOWN.items()}

"""What docs/security.md says of the code as a whole."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "security.md"
SOURCES = sorted([*ROOT.glob("uvis_core/**/*.py"), *ROOT.glob("scripts/*.py")])
# Names by which content becomes code, or a line is given to a shell.
RUNS_CODE = re.compile(
    r"(eval|exec|compile|__import__"
    r"|(pickle|cloudpickle|dill|marshal|shelve|joblib)\.(load|loads|open|Unpickler)"
    r"|yaml\.(load|load_all|full_load|unsafe_load|UnsafeLoader|FullLoader)"
    r"|os\.(system|popen)|subprocess\.getoutput|torch\.hub\..*|torch\.jit\.load|tempfile\.mktemp)"
)
ALLOWED = {("uvis_core/io/pickles.py", "pickle.Unpickler")}
"""The class of the restricted reader is made from it."""
FORBIDDEN_FLAGS = {
    "shell": True,
    "weights_only": False,
    "allow_pickle": True,
    "trust_remote_code": True,
    "verify": False,
}


def uses(tree: ast.AST) -> Iterator[str]:
    """Every name that is called or used with a dot, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def faults(path: Path, text: str) -> list[str]:
    """What in a module could run what a file holds."""
    tree = ast.parse(text)
    place = path.relative_to(ROOT).as_posix()
    found = [name for name in uses(tree) if RUNS_CODE.fullmatch(name) and (place, name) not in ALLOWED]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            flags = {keyword.arg: keyword.value for keyword in node.keywords}
            found += [
                f"{name}={value}"
                for name, value in FORBIDDEN_FLAGS.items()
                if isinstance(flags.get(name), ast.Constant) and flags[name].value is value
            ]
            if ast.unparse(node.func) == "torch.load" and "weights_only" not in flags:
                found.append("torch.load without weights_only")
    return found


def test_nothing_runs_what_a_file_holds() -> None:
    assert len(SOURCES) > 100
    assert {
        path: found for path in SOURCES if (found := faults(path, path.read_text(encoding="utf-8")))
    } == {}


@pytest.mark.parametrize(
    "line",
    [
        "pickle.load(f)",
        "yaml.load(f)",
        "eval(x)",
        "os.system(x)",
        "subprocess.run(x, shell=True)",
        "torch.load(x)",
        "torch.load(x, weights_only=False)",
        "np.load(x, allow_pickle=True)",
        "tempfile.mktemp()",
    ],
)
def test_what_would_run_it_is_seen(line: str) -> None:
    assert faults(ROOT / "uvis_core" / "made.py", line)


def test_the_tests_that_the_page_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 15
    for file, name in named:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in text, f"{file}::{name}"

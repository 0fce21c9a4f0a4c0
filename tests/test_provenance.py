import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from uvis_core import provenance
from uvis_core.provenance import code_digest, code_files, noted_code, recall_code, settings_digest

SCRIPT = '"""Do it."""\n\nfrom uvis_core.stage.first import work\n\nwork(1)\n'
FIRST = (
    '"""First."""\n\nfrom uvis_core.io import second\n\n\n'
    'def work(x):\n    """Work."""\n    return second.double(x)\n'
)
SECOND = '"""Second."""\n\n\ndef double(x):\n    return 2 * x\n'
UNRELATED = "def other():\n    return 1\n"
Edit = Callable[[str, str, str], None]
SCRIPTS = sorted(path.name for path in ROOT.glob("scripts/*.py"))
BELOW_THE_STAGES = {"config", "drawing", "io", "model", "pages", "vit", "weights"}
OF_SEVERAL_STAGES = {
    # It makes the embedded models by the stages' own detector, CLIP and training, once and outside of the workflow.
    "make_toy_models.py": {"crops", "masks", "toy", "training"},
    # It does what three stages do, in one process and outside of the workflow.
    "predict_videos.py": {"exports", "frames", "predict", "tracks"},
    # It looks at what the stages made, by their own rules of selection, figures and drawing, and hands nothing on.
    "explore_results.py": {"evaluation", "explorer", "labels", "report"},
}


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A little project: a script imports a stage, the stage a module of io, and nobody a third one."""
    files = {
        "scripts/run.py": SCRIPT,
        "uvis_core/stage/first.py": FIRST,
        "uvis_core/stage/unrelated.py": UNRELATED,
        "uvis_core/io/second.py": SECOND,
        "uvis_core/io/__init__.py": '"""Io."""\n',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)

    def change(name: str, old: str, new: str) -> None:
        content = (tmp_path / name).read_text()
        assert old in content
        (tmp_path / name).write_text(content.replace(old, new))

    return change


def test_imports_are_followed_through_modules(tmp_path: Path, edit: Edit) -> None:
    found = [path.relative_to(tmp_path).as_posix() for path in code_files("scripts/run.py", tmp_path)]
    assert found == ["scripts/run.py", "uvis_core/io/second.py", "uvis_core/stage/first.py"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scripts/run.py", "work(1)", "work(1)  # once"),
        ("scripts/run.py", "Do it.", "Do it well."),
        ("uvis_core/stage/first.py", '"""Work."""', '"""Work hard.\n\n    Really.\n    """'),
        ("uvis_core/io/second.py", "2 * x", "(2 *\n            x)"),
        ("uvis_core/io/second.py", '"""Second."""\n', ""),
        ("uvis_core/stage/unrelated.py", "return 1", "return 2"),
        ("uvis_core/io/__init__.py", "Io.", "In and out."),
        ("uvis_core/io/second.py", "def double(x):", "def double(x: int) -> int:"),
        ("uvis_core/stage/first.py", "second.double(x)", "second.double(x)\n    print(x)"),
    ],
)
def test_words_layout_and_strangers_change_nothing(
    tmp_path: Path, edit: Edit, name: str, old: str, new: str
) -> None:
    before = code_digest("scripts/run.py", tmp_path)
    edit(name, old, new)
    assert code_digest("scripts/run.py", tmp_path) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scripts/run.py", "work(1)", "work(2)"),
        ("uvis_core/stage/first.py", "second.double(x)", "second.double(x) + 1"),
        ("uvis_core/io/second.py", "2 * x", "x * 2"),
        ("uvis_core/io/second.py", "return 2", '"""Docs."""\n    return 3'),
        ("uvis_core/io/second.py", "def double(x):", "def double(x, y=0):"),
    ],
)
def test_a_changed_line_anywhere_behind_the_script_counts(
    tmp_path: Path, edit: Edit, name: str, old: str, new: str
) -> None:
    before = code_digest("scripts/run.py", tmp_path)
    edit(name, old, new)
    assert code_digest("scripts/run.py", tmp_path) != before


def test_a_file_that_is_no_python_is_named(tmp_path: Path, edit: Edit) -> None:
    edit("uvis_core/io/second.py", "return", "return return")
    with pytest.raises(SyntaxError) as caught:
        code_digest("scripts/run.py", tmp_path)
    assert caught.value.filename == str(tmp_path / "uvis_core/io/second.py")


def test_texts_that_are_no_docstrings_count(tmp_path: Path, edit: Edit) -> None:
    edit("uvis_core/io/second.py", "return 2 * x", 'return "one"')
    before = code_digest("scripts/run.py", tmp_path)
    edit("uvis_core/io/second.py", '"one"', '"two"')
    assert code_digest("scripts/run.py", tmp_path) != before


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stage_does_not_depend_on_another(script: str) -> None:
    """A changed line in one stage must not rerun its neighbours: their modules are not behind its scripts."""
    parts = (path.relative_to(ROOT).parts for path in code_files(f"scripts/{script}", ROOT))
    packages = {folder for top, folder, *rest in parts if top == "uvis_core" and rest}
    stages = packages - BELOW_THE_STAGES
    assert stages == OF_SEVERAL_STAGES.get(script, stages)
    assert len(stages) <= 1 or script in OF_SEVERAL_STAGES


def test_exceptions_are_scripts() -> None:
    assert OF_SEVERAL_STAGES.keys() <= set(SCRIPTS)
    assert len(SCRIPTS) > 20


def test_packages_hold_a_docstring_only() -> None:
    """Imports are followed to modules and never through packages: code in one would be overlooked."""
    for path in (ROOT / "uvis_core").rglob("__init__.py"):
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        assert len(lines) <= 1 or (lines[0].startswith('"""') and lines[-1].endswith('"""')), path
        assert "import" not in path.read_text(), path


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=5))
def test_the_order_of_settings_does_not_matter(settings: dict[str, object]) -> None:
    backwards = dict(reversed(settings.items()))
    assert settings_digest(settings) == settings_digest(backwards)
    assert settings_digest(settings) != settings_digest({**settings, "one more": 1})


def test_what_was_noted_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tmp_path / "code.json"
    digest = code_digest("scripts/select_labels.py")
    notes.write_text(json.dumps(noted_code()))
    monkeypatch.setattr(provenance, "_understood", {})
    monkeypatch.setattr(provenance, "_recalled", {})
    monkeypatch.setattr(provenance, "computing", lambda source: pytest.fail("read again"))
    recall_code(notes)
    assert code_digest("scripts/select_labels.py") == digest


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"rules": "others", "files": {"a": ["b", []]}}', '{"files": 1}']
)
def test_a_note_that_cannot_be_used_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(provenance, "_recalled", {})
    (tmp_path / "code.json").write_text(content)
    recall_code(tmp_path / "code.json")
    recall_code(tmp_path / "nowhere.json")
    assert provenance._recalled == {}

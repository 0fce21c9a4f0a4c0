from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.fuzz.areas import AREAS
from tests.fuzz.damage import damaged_bytes, places
from tests.fuzz.explore import BadMessage, explore, place_of
from tests.fuzz.lane import search, targets_of
from tests.fuzz.target import Target
from uvis_core.io.errors import MachineError, UserError

TARGETS = {target.name: (area, target) for area in AREAS for target in targets_of(area)}
INPUTS = 60
COMPILED = ("tables", "pictures")


@pytest.mark.parametrize("name", [name for name, (area, _) in TARGETS.items() if area not in COMPILED])
def test_readers_stand_some_damage(name: str, tmp_path: Path) -> None:
    explore(TARGETS[name][1], tmp_path, seed=1, inputs=INPUTS)


@pytest.mark.parametrize("name", [name for name, (area, _) in TARGETS.items() if area in COMPILED])
def test_compiled_readers_stand_some_damage(name: str, tmp_path: Path) -> None:
    """In a process of their own, which they may take with them."""
    area, _ = TARGETS[name]
    found = search(area, name, seed=1, seconds=1.0, folder=tmp_path)
    assert found.breaks == {}
    assert found.tried


def test_every_target_is_listed() -> None:
    assert AREAS.keys() == {area for area, _ in TARGETS.values()}
    assert [name for area in AREAS.values() for name in area] == list(TARGETS)


def test_what_breaks_is_raised_small_and_lies_there(tmp_path: Path) -> None:
    def picky(path: Path) -> None:
        if path.read_bytes()[:1] > b"\x10":
            raise KeyError("first byte")

    with pytest.raises(KeyError):
        explore(Target("picky", "input", st.binary, picky), tmp_path, seed=0, inputs=500)
    assert (tmp_path / "input").read_bytes() == b"\x11"


def test_equal_seeds_give_equal_inputs(tmp_path: Path) -> None:
    def met(seed: int) -> list[bytes]:
        found: list[bytes] = []
        inputs = damaged_bytes(b"abc" * 9)
        noted = Target("noted", "input", lambda: inputs, lambda path: found.append(path.read_bytes()))
        explore(noted, tmp_path, seed=seed, inputs=30)
        return found

    assert met(1) == met(1)
    assert met(1) != met(2)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (UserError("another file", fix="correct it"), "names no input"),
        (UserError("input: wrong", fix=""), "no fix"),
    ],
)
def test_a_refusal_must_help(tmp_path: Path, error: UserError, what: str) -> None:
    def refuse(path: Path) -> None:
        raise error

    with pytest.raises(BadMessage, match=what):
        explore(Target("t", "input", st.binary, refuse), tmp_path, seed=0, inputs=1)


def test_a_fault_of_the_machine_is_none_of_the_input(tmp_path: Path) -> None:
    def claim(path: Path) -> None:
        raise MachineError(f"{path}: out of memory", fix="give more")

    with pytest.raises(MachineError):
        explore(Target("t", "input", st.binary, claim), tmp_path, seed=0, inputs=1)


def test_a_known_break_is_passed_over(tmp_path: Path) -> None:
    made = next(made for made in targets_of("breakers") if made.name == "error")
    with pytest.raises(KeyError) as caught:
        explore(made, tmp_path, seed=0, inputs=1)
    explore(made, tmp_path, seed=0, inputs=1, known={place_of(caught.value)})


@pytest.mark.parametrize(
    ("name", "breaks"),
    [
        ("crash", ["SIGSEGV at tests/fuzz/breakers.py"]),
        ("memory", ["MemoryError at tests/fuzz/breakers.py"]),
        ("endless", ["too slow at tests/fuzz/breakers.py"]),
        ("error", ["KeyError at tests/fuzz/breakers.py"]),
        ("none", []),
    ],
)
def test_breaks_of_every_kind_are_found_and_kept(tmp_path: Path, name: str, breaks: list[str]) -> None:
    found = search("breakers", name, seed=0, seconds=0.5, folder=tmp_path)
    assert [place.rpartition(":")[0] for place in found.breaks] == breaks
    assert found.tried or name in ("crash", "endless")
    assert [path.read_bytes() in (b"one", b"two") for path in sorted(tmp_path.glob("[0-9]*/input"))] == [
        True
    ] * len(breaks)


def test_documents_are_damaged_everywhere() -> None:
    assert [key for _, key in places([{"a": [1, {"b": 2}]}])] == [0, "a", 0, 1, "b"]

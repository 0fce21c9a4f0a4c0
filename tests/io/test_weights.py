import errno
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from uvis_core.io import pickles
from uvis_core.io.errors import FIXES, LOOK_AT_DISK, MachineError, UserError
from uvis_core.io.weights import load_strict, read_state_dict, write_state_dict


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def test_safetensors_come_back(tmp_path: Path) -> None:
    state = model().state_dict()
    write_state_dict(tmp_path / "w.safetensors", state, {"steps": "3"})
    found = read_state_dict(tmp_path / "w.safetensors")
    assert set(found) == set(state)
    assert all(torch.equal(found[name], state[name]) for name in state)


@pytest.mark.parametrize("key", [None, "model", "state_dict"])
def test_torch_files_are_unwrapped(tmp_path: Path, key: str | None) -> None:
    state = {"weight": torch.ones(2)}
    torch.save(state if key is None else {key: state, "epoch": 3}, tmp_path / "w.pth")
    assert torch.equal(read_state_dict(tmp_path / "w.pth")["weight"], torch.ones(2))


class Payload:
    """Would leave a file behind if it were unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.pkl", "w.safetensors"])
def test_a_pickle_payload_never_runs(tmp_path: Path, name: str) -> None:
    target = tmp_path / "executed"
    (tmp_path / name).write_bytes(pickle.dumps({"weight": Payload(target)}))
    with pytest.raises(UserError, match="cannot be read as weights"):
        read_state_dict(tmp_path / name)
    torch.save({"weight": Payload(target)}, tmp_path / name)
    with pytest.raises(UserError, match="cannot be read as weights"):
        read_state_dict(tmp_path / name)
    assert not target.exists()


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_cut_file_is_refused(tmp_path: Path, name: str) -> None:
    if name.endswith("pth"):
        torch.save(model().state_dict(), tmp_path / name)
    else:
        write_state_dict(tmp_path / name, model().state_dict())
    whole = (tmp_path / name).read_bytes()
    for share in (0.0, 0.5, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UserError, match="cannot be read as weights"):
            read_state_dict(tmp_path / name)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
            "memory",
        ),
        (MemoryError(), "memory"),
    ],
    ids=["disk", "memory of torch", "memory of Python"],
)
def test_a_fault_of_the_machine_is_not_taken_for_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise error

    torch.save(model().state_dict(), tmp_path / "w.pth")
    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(MachineError, match="could not be read") as caught:
        read_state_dict(tmp_path / "w.pth")
    assert reason in caught.value.message
    assert "fetch it again" not in caught.value.fix


def test_memory_that_an_old_file_wants_is_its_own_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged, it names texts of gigabytes, which no memory that a job is given holds."""

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise MemoryError

    torch.save(model().state_dict(), tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(UserError, match="cannot be read as weights") as caught:
        read_state_dict(tmp_path / "w.pth")
    assert not isinstance(caught.value, MachineError)


@pytest.mark.parametrize("name", ["w.pth", "w.pkl", "w.safetensors"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["stat", "open"])
def test_weights_that_may_not_be_opened_are_named_with_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, step: str
) -> None:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / name).write_bytes(pickle.dumps({"weight": np.ones(2)}))
    monkeypatch.setattr(Path, step, fail)
    with pytest.raises(MachineError, match=f"{name}: could not be read") as caught:
        read_state_dict(tmp_path / name)
    assert caught.value.fix == FIXES.get(number, LOOK_AT_DISK)


def test_a_pickle_on_a_failing_disk_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"weight": np.ones(2)}))
    monkeypatch.setattr(pickles._ArraysOnly, "load", fail)
    with pytest.raises(MachineError, match=r"w\.pkl: could not be read \(Input/output error\)"):
        read_state_dict(tmp_path / "w.pkl")


def test_something_else_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"model": {"weight": 3}}, tmp_path / "w.pth")
    with pytest.raises(UserError, match="something else than named tensors"):
        read_state_dict(tmp_path / "w.pth")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such weights file"):
        read_state_dict(tmp_path / "w.pth")


def test_all_weights_are_copied() -> None:
    state = {name: torch.full_like(value, 2) for name, value in model().state_dict().items()}
    del state["1.num_batches_tracked"]
    target = model()
    load_strict(target, state, "w.pth")
    assert all((value == 2).all() for name, value in target.state_dict().items() if name in state)


def test_what_does_not_fit_is_named_and_nothing_is_copied() -> None:
    state = dict(model().state_dict())
    del state["0.bias"]
    state["extra.weight"] = torch.ones(1)
    state["2.weight"] = torch.ones(5, 3)
    state["0.weight"] = torch.full((3, 2), 9.0)
    target = model()
    with pytest.raises(UserError) as caught:
        load_strict(target, state, "w.pth")
    assert "w.pth" in caught.value.message
    assert "1 missing: 0.bias" in caught.value.message
    assert "1 unexpected: extra.weight" in caught.value.message
    assert "1 of another shape: 2.weight (5, 3) instead of (1, 3)" in caught.value.message
    assert torch.equal(target.state_dict()["0.weight"], model().state_dict()["0.weight"])


def test_reinitialised_weights_keep_their_values() -> None:
    state = {name: torch.full_like(value, 2) for name, value in model().state_dict().items()}
    state["2.weight"] = torch.ones(7, 3)
    target = model()
    load_strict(target, state, "w.pth", reinitialise=["2."])
    assert torch.equal(target.state_dict()["2.weight"], model().state_dict()["2.weight"])
    assert (target.state_dict()["0.weight"] == 2).all()

from pathlib import Path

import pytest

from uvis_core.config import compute
from uvis_core.config.compute import check_device, visible_gpus
from uvis_core.io.errors import UserError


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The device files of a Linux machine with two NVIDIA GPUs."""
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(compute, "DEVICE_FILES", tmp_path)
    monkeypatch.setattr(compute.sys, "platform", "linux")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [(None, 2), ("", 0), ("-1", 0), ("1", 1), ("0,1", 2), ("GPU-af, GPU-bc", 2), ("0,1,2", 2)],
)
def test_gpus_that_a_job_sees(
    devices: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, gpus: int
) -> None:
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert visible_gpus() == gpus


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:1"])
def test_devices_that_are_there(devices: Path, device: str) -> None:
    check_device(device)


@pytest.mark.parametrize("device", ["cuda:2", "cuda:9"])
def test_a_gpu_that_is_not_there(devices: Path, device: str) -> None:
    with pytest.raises(UserError) as caught:
        check_device(device)
    assert caught.value.message.startswith(
        f"compute.device: {device} is not there, this machine shows 2 NVIDIA"
    )
    assert "below cuda:2" in caught.value.fix


def test_a_machine_without_gpus(devices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in devices.glob("nvidia?"):
        path.unlink()
    with pytest.raises(UserError, match="shows 0 NVIDIA GPUs") as caught:
        check_device("cuda")
    assert "auto or cpu" in caught.value.fix
    check_device("auto")


@pytest.mark.parametrize("other", ["dxg", "kfd", "nvhost-gpu"])
def test_gpus_that_cannot_be_counted_are_left_to_torch(devices: Path, other: str) -> None:
    (devices / other).touch()
    assert visible_gpus() is None
    check_device("cuda:9")

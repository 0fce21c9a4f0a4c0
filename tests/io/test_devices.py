import pytest
import torch

from uvis_core.io.devices import autocast, frames_at_once, pick_device
from uvis_core.io.errors import UserError


def test_cpu_is_always_there() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type in {"cpu", "cuda"}


@pytest.mark.parametrize("name", ["gpu", "cuda:99", ""])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="device"):
        pick_device(name)


def test_precision_is_what_was_asked_for() -> None:
    product = {}
    for precision in ("fp32", "bf16"):
        with autocast(torch.device("cpu"), precision):
            product[precision] = (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    assert product == {"fp32": torch.float32, "bf16": torch.bfloat16}


@pytest.mark.parametrize(
    ("device", "wanted", "size", "expected"),
    [
        ("cpu", 8, (128, 160), 8),
        ("cpu", 60, (128, 160), 12),
        ("cpu", 8, (800, 1333), 1),
        ("cuda", 8, (800, 1333), 8),
    ],
)
def test_large_frames_go_alone_through_a_network_on_a_cpu(
    device: str, wanted: int, size: tuple[int, int], expected: int
) -> None:
    assert frames_at_once(wanted, *size, torch.device(device)) == expected

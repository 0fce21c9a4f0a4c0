import pytest
import torch

from uvis_core.io.devices import autocast, pick_device
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

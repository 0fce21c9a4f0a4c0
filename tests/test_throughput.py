"""The throughput benchmark runs, and counts what is known."""

import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from throughput_limits import Limits, cost_of, kind_of
from throughput_profile import profile_call


@pytest.mark.parametrize(
    ("operator", "kind"),
    [
        ("aten::mkldnn_convolution", "dense"),
        ("aten.mm.default", "dense"),
        ("aten::_scaled_dot_product_flash_attention_for_cpu", "attention"),
        ("aten::_embedding_bag_forward_only", "sampling"),
        ("WeightedRowsBackward", "sampling"),
        ("torchvision::roi_align", "sampling"),
        ("aten::copy_", "copies"),
        ("aten::_to_copy", "copies"),
        ("aten::native_layer_norm", "pointwise"),
        ("aten::topk", "sampling"),
        ("aten::tanh", "pointwise"),
    ],
)
def test_operators_are_told_apart(operator, kind):
    assert kind_of(operator) == kind


def test_a_product_costs_two_operations_a_step_and_every_number_once():
    left, right = torch.rand(3, 5), torch.rand(5, 7)
    cost = cost_of(lambda: torch.relu(left @ right))
    assert cost.flops == {"dense": 2 * 3 * 5 * 7}
    assert cost.bytes["dense"] == 4 * (15 + 35 + 21)
    assert cost.bytes["pointwise"] == 4 * (21 + 21)


def test_views_cost_nothing():
    whole = torch.rand(4, 6)
    assert cost_of(lambda: whole.T[1:]).bytes.total() == 0


def test_of_a_table_only_the_chosen_rows_are_read():
    table, chosen = torch.rand(1000, 8), torch.tensor([[1, 2, 3], [4, 5, 6]])
    shares = torch.rand(2, 3)
    cost = cost_of(
        lambda: torch.nn.functional.embedding_bag(chosen, table, per_sample_weights=shares, mode="sum")
    )
    assert cost.flops == {"sampling": 2 * 6 * 8}
    assert 4 * 6 * 8 < cost.bytes["sampling"] < 4 * 1000


def test_attention_is_counted_in_inference_and_in_training():
    query, key, value = (torch.rand(2, 4, 16, 8, requires_grad=True) for _ in range(3))
    products = 2 * 2 * 4 * 16 * 16 * 8

    def attend():
        return torch.nn.functional.scaled_dot_product_attention(query, key, value)

    with torch.inference_mode():
        assert cost_of(attend).flops.total() == 2 * products
    assert cost_of(lambda: attend().sum().backward()).flops.total() == 7 * products
    layer = torch.nn.MultiheadAttention(32, 4, batch_first=True).eval()
    rows = torch.rand(2, 16, 32)
    with torch.inference_mode():
        found = cost_of(lambda: layer(rows, rows, rows, need_weights=False)).flops.total()
    assert found == 2 * products + 4 * 2 * (2 * 16) * 32 * 32


def test_shares_of_a_profile_are_of_the_whole():
    left = torch.rand(256, 256)
    lines = profile_call(
        lambda: torch.softmax(left @ left, dim=1),
        cost_of(lambda: left @ left),
        Limits(1e9, 1e9),
        0.5,
        torch.device("cpu"),
    )
    assert sum(line.time for line in lines[:-1]) == pytest.approx(1, abs=0.01)
    assert {"dense", "pointwise", "rest"} <= {line.kind for line in lines}
    assert lines[-1].kind == "all"
    assert lines[-1].flops == pytest.approx(2 * 256**3 / 0.5 / 1e9)


def test_a_part_is_measured_against_the_limit():
    command = [sys.executable, "benchmarks/throughput.py", "--device", "cpu", "--threads", "1", "--quick"]
    command += ["--only", "maskcut", "--precision", "fp32", "--profile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [text for text in done.stdout.splitlines() if text.startswith("| maskcut")]
    assert len(rows) == 4
    assert all(0 < float(text.split("|")[7].strip().removesuffix("%")) < 200 for text in rows)
    assert done.stdout.count("| all | 100% |") == 4


def test_the_decoding_benchmark_runs():
    command = [sys.executable, "benchmarks/decode.py", "--frames", "6", "--repeats", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.split(" | ")[0] for line in done.stdout.splitlines()]
    assert {"| ours: decoded to RGB", "| ours: the frames stage, JPEG 95, 4:4:4", "| torchvision"} <= set(
        rows
    )

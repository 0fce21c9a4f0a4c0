import pytest

from uvis_core.io.errors import UserError
from uvis_core.training.launch import torchrun_command


@pytest.fixture(autouse=True)
def outside(monkeypatch):
    for name in ("TORCHELASTIC_RUN_ID", "SLURM_JOB_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("gpus", [0, 1])
def test_one_process_needs_no_launcher(gpus):
    assert torchrun_command(["script.py"], gpus, 1) is None


def test_gpus_of_one_node():
    command = torchrun_command(["script.py", "--seed", "1"], 4, 1)
    assert command[1:] == [
        "-m", "torch.distributed.run", "--nproc-per-node", "4", "--standalone", "script.py", "--seed", "1"
    ]  # fmt: skip


def test_started_process_does_not_launch_again(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    assert torchrun_command(["script.py"], 4, 2) is None


def test_nodes_of_a_slurm_job(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "70012")
    command = torchrun_command(["script.py"], 2, 3, threads=24)
    assert command[:7] == ["srun", "--nodes", "3", "--ntasks", "3", "--ntasks-per-node", "1"]
    assert command[command.index("--cpus-per-task") + 1] == "24"
    assert command[command.index("--gpus-per-node") + 1] == "2"
    assert command[command.index("--rdzv-id") + 1] == "70012"
    assert command[command.index("--rdzv-endpoint") + 1].endswith(":29412")
    assert command[command.index("--nnodes") + 1] == "3"


def test_nodes_without_gpus_ask_for_none(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    assert "--gpus-per-node" not in torchrun_command(["script.py"], 0, 2)


def test_nodes_without_slurm_are_refused():
    with pytest.raises(UserError, match="this is no Slurm job"):
        torchrun_command(["script.py"], 2, 3)

"""Turns one call of a script into many processes with ``torchrun``, as the workflow's resources ask for."""

import os
import socket
import sys

from uvis_core.io.errors import UserError

PORT = 29_400


def launched() -> bool:
    """Whether ``torchrun`` has started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def torchrun_command(script: list[str], gpus: int, nodes: int, threads: int = 1) -> list[str] | None:
    """The command that runs the script on all GPUs of all nodes.

    Args:
        script: Path of the script and its arguments.
        gpus: GPUs per node, a process for each; 0 is one process without a GPU.
        nodes: Nodes of the Slurm allocation in which this process is the first.
        threads: CPUs per node.

    Returns:
        None where one process is enough, or where ``torchrun`` has started this process already.

    Raises:
        UserError: Several nodes are asked for outside of Slurm.
    """
    per_node = max(gpus, 1)
    if launched() or (per_node == 1 and nodes <= 1):
        return None
    run = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(per_node)]
    if nodes <= 1:
        return [*run, "--standalone", *script]
    job = os.environ.get("SLURM_JOB_ID")
    if job is None:
        raise UserError(
            f"training on {nodes} nodes, but this is no Slurm job",
            fix="run with --profile slurm, set compute.training_nodes to 1, or start torchrun on each node",
        )
    # The job's own process is on the first node of its allocation: the others meet there. The job id keeps
    # two jobs on one node apart.
    port = PORT + int(job) % 1000
    meeting = [
        "--rdzv-backend",
        "c10d",
        "--rdzv-endpoint",
        f"{socket.gethostname()}:{port}",
        "--rdzv-id",
        job,
    ]
    # One torchrun a node. What the job has is not what a step gets: since 22.05 srun inherits no CPUs, and without a
    # number of GPUs per node it would share out the job's total as it likes.
    step = ["--nodes", str(nodes), "--ntasks", str(nodes), "--ntasks-per-node", "1"]
    devices = ["--gpus-per-node", str(gpus)] if gpus else []
    return [
        "srun",
        *step,
        "--cpus-per-task",
        str(threads),
        *devices,
        *run,
        "--nnodes",
        str(nodes),
        *meeting,
        *script,
    ]


def relaunch_if_many(gpus: int, nodes: int, threads: int) -> None:
    """Replace this process by ``torchrun``'s where more than one process is asked for."""
    command = torchrun_command(sys.argv, gpus, nodes, threads)
    if command is not None:
        os.execvp(command[0], command)

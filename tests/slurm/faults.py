"""Runs the workflow through a real Slurm and breaks it; prints a table of what came of each fault."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from tests.slurm.driver import Driver, driver, jobs, until
from tests.workflow.conftest import Checkout, copy_repository

CLUSTER = Path(__file__).with_name("cluster.sh")
FOLDER = Path("/var/lib/uvis-slurm")
ENDLESS = {"training": {"variants": {"minvis": {"steps": 100_000, "checkpoint_steps": 2}}}}
"""A training that goes on until it is ended, and saves often."""

ROWS = (
    "whole_run_on_two_nodes",
    "contradiction",
    "no_such_gpus",
    "cancelled",
    "killed",
    "out_of_memory",
    "time_limit",
    "driver_killed",
    "node_dies",
)


class Faults:
    """A finished run, and one training seed for each fault."""

    def __init__(self, folder: Path) -> None:
        self.checkout: Checkout = copy_repository(folder)
        (folder / "slurm").symlink_to("profiles/slurm")
        self.log = folder / "driver.log"
        self.endless = self.checkout.overlay(**ENDLESS)

    def model(self, seed: int) -> Path:
        """A trained model."""
        return self.checkout.folder / f"results/small/training/full-minvis/seed-{seed}/model.safetensors"

    def saved(self, seed: int) -> bool:
        """Whether its training has saved a state."""
        return self.model(seed).with_name("unfinished.safetensors").exists()

    def training_log(self, seed: int) -> str:
        """What its training said, in the attempt that runs or ran last."""
        path = self.checkout.folder / f"results/small/logs/training/full-minvis/seed-{seed}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def training_arguments(self, seed: int, *flags: str, configfile: str | None = None) -> list[str]:
        """Flags for one model; nothing else is asked for, and the labels are there."""
        target = self.model(seed).relative_to(self.checkout.folder).as_posix()
        return [
            "--configfile", configfile or self.endless, "--rerun-triggers", "mtime",
            "--allowed-rules", "train_model", *flags, "--", target,
        ]  # fmt: skip

    def train(self, seed: int, *flags: str, configfile: str | None = None) -> AbstractContextManager[Driver]:
        """A driver that trains one model."""
        return driver(self.checkout, self.log, *self.training_arguments(seed, *flags, configfile=configfile))

    def whole_run_on_two_nodes(self) -> str:
        """Everything through Slurm; the trained weights are those of one process."""
        two = self.checkout.overlay(compute={"training_nodes": 2, "training_gpus": 1})
        with driver(self.checkout, self.log, "--configfile", two) as run:
            assert run.status(3600) == 0, run.output
            (job,) = jobs("train_model_wildcards_full_minvis_0")
            assert job.nodes == "n[1-2]", job
        distributed = load_file(self.model(0))
        self.model(0).unlink()
        target = self.model(0).relative_to(self.checkout.folder).as_posix()
        self.checkout.snakemake(target, "--rerun-triggers", "mtime", "--allowed-rules", "train_model")
        alone = load_file(self.model(0))
        apart = max(float(np.abs(alone[name] - value).max()) for name, value in distributed.items())
        assert apart < 1e-4
        return f"finished; weights differ from one process's by {apart:.0e} at most"

    def cancelled(self) -> str:
        """``scancel``."""
        with self.train(1, "--retries", "0") as run:
            until("a state is saved", lambda: self.saved(1))
            (job,) = jobs("full_minvis_1")
            subprocess.run(["scancel", job.number], check=True)
            assert run.status(180) != 0
            assert "'CANCELLED'" in run.output, run.output
            assert "stopped by signal SIGTERM after step" in self.training_log(1)
        return "driver ended and named CANCELLED; the training's log says how far it came"

    def out_of_memory(self) -> str:
        """A job that gets too little memory the first time."""
        small = "train_model:mem_mb=400 * attempt ** 3"
        with self.train(2, "--set-resources", small, "train_model:workers=0") as run:
            until("a second try saves a state", lambda: self.saved(2))
            first, second = jobs("full_minvis_2")
            assert (first.memory, second.memory) == ("400M", "3200M"), (first, second)
            # By the cluster's way of watching memory its state is OUT_OF_MEMORY or FAILED; its log says why.
            (said,) = self.checkout.folder.glob(f".snakemake/slurm_logs/**/{first.number}.log")
            assert "memory limit" in said.read_text(encoding="utf-8"), said.read_text(encoding="utf-8")
            assert first.state in run.output, run.output
        return "tried again with memory for the second attempt, and trained"

    def killed(self) -> str:
        """SIGKILL of the training process, as a kernel short of memory does."""
        with self.train(3):
            until("a state is saved", lambda: self.saved(3))
            self.kill_training(3)
            until("it goes on", lambda: "resuming after step" in self.training_log(3))
        return "tried again, resumed at its checkpoint"

    def time_limit(self) -> str:
        """A training that takes longer than its limit."""
        minutes = "train_model:runtime=attempt"
        with self.train(4, "--set-resources", minutes, "train_model:workers=0") as run:
            until("the first try is stopped", lambda: "stopped by signal SIGTERM" in self.training_log(4))
            until("it goes on", lambda: "resuming after step" in self.training_log(4))
            first, second = jobs("full_minvis_4")
            assert (first.state, first.limit, second.limit) == ("TIMEOUT", "1:00", "2:00"), (first, second)
            assert "'TIMEOUT'" in run.output, run.output
        return "said how far it came; tried again with twice the time, resumed at its checkpoint"

    def driver_killed(self) -> str:
        """SIGKILL of the driver, ``--unlock``, and the same command again while the old job still runs."""
        first = Driver(self.checkout, self.log, *self.training_arguments(5))
        until("a state is saved", lambda: self.saved(5))
        first.kill()
        self.checkout.snakemake("--unlock")
        with self.train(5):
            until(
                "the new job waits", lambda: "trains in this folder already; waiting" in self.training_log(5)
            )
            old, new = jobs("full_minvis_5")
            assert (old.state, new.state) == ("RUNNING", "RUNNING"), (old, new)
            assert f"job {old.number}, process" in self.training_log(5)
            subprocess.run(["scancel", old.number], check=True)
            until("the new job goes on", lambda: "resuming after step" in self.training_log(5))
        return "the new job waited for the old one's end and went on from its state"

    def node_dies(self) -> str:
        """A node whose daemon and processes are gone."""
        with self.train(6):
            until("a state is saved", lambda: self.saved(6))
            (first,) = jobs("full_minvis_6")
            daemon = FOLDER / f"slurmd-{first.nodes}.pid"
            os.kill(int(daemon.read_text()), signal.SIGKILL)
            daemon.unlink()
            kill_all_of(first.number)
            until("it goes on", lambda: "resuming after step" in self.training_log(6))
            *_, second = jobs("full_minvis_6")
            assert second.nodes != first.nodes
            assert len({job.number for job in jobs("full_minvis_6")}) == 2
        subprocess.run([CLUSTER, "start", FOLDER], check=True)
        return "tried again on the other node by the driver alone, resumed at its checkpoint"

    def kill_training(self, seed: int) -> None:
        """Kill the process that its lock names."""
        lock = self.model(seed).with_name("training.lock").read_text(encoding="utf-8")
        os.kill(int(lock.split('"pid": ')[1].split(",")[0]), signal.SIGKILL)

    def contradiction(self) -> str:
        """GPUs of training in a profile."""
        with self.train(7, "--set-resources", "train_model:gpu=8") as run:
            assert run.status() != 0
            assert "set compute.training_gpus" in run.output, run.output
        return "refused, with the key to set"

    def no_such_gpus(self) -> str:
        """More GPUs than a node has."""
        many = self.checkout.overlay(
            compute={"training_gpus": 8}, training={"variants": {"minvis": {"batch_size": 8}}}
        )
        with self.train(8, "--retries", "0", configfile=many) as run:
            assert run.status() != 0
            assert "Requested node configuration is not available" in run.output, run.output
        return "refused by sbatch, driver ended with its words"


def kill_all_of(number: str) -> None:
    """Kill a job's processes and those of Slurm that watch over them, as a node that loses power does."""
    own = {"SLURM_CLUSTER_NAME=faults", f"SLURM_JOB_ID={number}"}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            watches = (process / "cmdline").read_text().startswith(f"slurmstepd: [{number}.")
            if watches or own <= set((process / "environ").read_text().split("\0")):
                os.kill(int(process.name), signal.SIGKILL)


def unable() -> str:
    """Why the cluster cannot be started here, or ""."""
    if os.geteuid() != 0:
        return "it starts daemons and null GPUs, which takes root"
    if shutil.which("apt-get") is None and shutil.which("slurmctld") is None:
        return "it takes Slurm, by apt-get (Debian, Ubuntu) or installed"
    return ""


def tried(name: str, fault: Callable[[], str]) -> tuple[str, str, float, bool]:
    """One row of the table."""
    started = time.monotonic()
    try:
        outcome, good = fault(), True
    except (AssertionError, TimeoutError, ValueError, OSError, subprocess.CalledProcessError) as error:
        traceback.print_exc()
        outcome, good = f"FAILED: {type(error).__name__}", False
    seconds = time.monotonic() - started
    print(f"{name}: {outcome} ({seconds:.0f} s)", flush=True)
    return name, outcome, seconds, good


def main() -> int:
    """Start the cluster, run the faults (all, or those named), stop it; status 0 if all outcomes were as wanted."""
    if reason := unable():
        print(f"make test-slurm cannot run here: {reason}")
        return 2
    os.environ["OMP_NUM_THREADS"] = "1"
    FOLDER.mkdir(exist_ok=True)
    subprocess.run([CLUSTER, "start", FOLDER], check=True)
    with tempfile.TemporaryDirectory(prefix="uvis-slurm-") as folder:
        faults = Faults(Path(folder))
        asked = sys.argv[1:] or ROWS
        try:
            if "whole_run_on_two_nodes" not in asked:
                faults.checkout.snakemake("results/small/labels/full/train.arrow")
            rows = [tried(name.replace("_", " "), getattr(faults, name)) for name in asked]
        finally:
            subprocess.run([CLUSTER, "stop", FOLDER], check=True)
    print("\n| fault | outcome | seconds |\n|---|---|---|")
    for name, outcome, seconds, _ in rows:
        print(f"| {name} | {outcome} | {seconds:.0f} |")
    return int(not all(good for *_, good in rows))


if __name__ == "__main__":
    sys.exit(main())

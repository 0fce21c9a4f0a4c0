"""What jobs ask of a scheduler follows from the configuration alone."""

import re

import pytest

from tests.workflow.conftest import Checkout, copy_repository

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository without results."""
    return copy_repository(tmp_path_factory.mktemp("gpus"))


def asked(checkout: Checkout, *arguments: str, **compute: object) -> dict[str, dict[str, str]]:
    """Rule name -> resources, as a dry run for other machines lists them."""
    overlay = checkout.overlay(compute=compute)
    output = checkout.snakemake("--dry-run", "--jobs", "4", *arguments, configfile=overlay)
    listed = re.findall(r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    resources: (.*)$", output, re.MULTILINE)
    # What a resource holds may have commas of its own.
    pairs = {rule: re.split(r", (?=\w+=)", resources) for rule, resources in listed}
    return {rule: dict(pair.split("=", 1) for pair in found) for rule, found in pairs.items()}


def test_training_on_two_nodes(checkout: Checkout) -> None:
    job = asked(checkout, training_nodes=2, training_gpus=2)["train_model"]
    assert {name: job[name] for name in ("gpu", "processes", "nodes", "tasks", "mpi")} == {
        "gpu": "4",
        "processes": "2",
        "nodes": "2",
        "tasks": "2",
        "mpi": "torchrun",
    }


def test_jobs_on_other_machines_ask_for_a_gpu_each(checkout: Checkout) -> None:
    jobs = asked(checkout)
    assert {rule for rule, job in jobs.items() if job.get("gpu") == "1"} == {
        "generate_masks",
        "embed_vocabulary",
        "score_crops",
        "fit_prototypes",
        "train_model",
        "track_videos",
    }
    assert "mpi" not in jobs["train_model"]


def test_cpu_asks_for_no_gpu(checkout: Checkout) -> None:
    assert {job.get("gpu", "0") for job in asked(checkout, device="cpu").values()} == {"0"}


@pytest.mark.parametrize("resource", ["gpu=8", "nodes=2", "processes=2"])
def test_second_owner_of_training_gpus_is_refused(checkout: Checkout, resource: str) -> None:
    output = checkout.snakemake("--dry-run", "--set-resources", f"train_model:{resource}", check=False)
    assert f"Error: {resource.split('=')[0]} of train_model: set by a profile or --set-resources" in output
    assert "fix:" in output
    assert "Traceback" not in output

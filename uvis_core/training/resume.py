"""The state of an unfinished training: weights, optimiser and step in one safetensors file."""

import logging
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from uvis_core.io.errors import is_the_machines, machine_error
from uvis_core.io.weights import load_strict, write_state_dict
from uvis_core.model.minvis import MinVIS

log = logging.getLogger("uvis")
WEIGHT, MOMENT = "weight.", "optimiser."


def _numbered_names(model: MinVIS, optimiser: torch.optim.Optimizer) -> list[str]:
    """Names of the parameters in the order in which the optimiser numbers them."""
    names = {id(parameter): name for name, parameter in model.network.named_parameters()}
    return [names[id(parameter)] for group in optimiser.param_groups for parameter in group["params"]]


def save_state(
    path: Path, model: MinVIS, optimiser: torch.optim.Optimizer, step: int, fingerprint: str
) -> None:
    """Replace the state atomically.

    Args:
        path: ``.safetensors``.
        model: Its weights are saved.
        optimiser: Its moments are saved, under the names of the parameters.
        step: Steps done.
        fingerprint: Of everything that decides the result; ``load_state`` takes no state with another one.
    """
    names = _numbered_names(model, optimiser)
    tensors = {WEIGHT + name: value for name, value in model.network.state_dict().items()}
    for number, moments in optimiser.state_dict()["state"].items():
        for key, value in moments.items():
            tensors[f"{MOMENT}{key}.{names[number]}"] = value
    write_state_dict(path, tensors, {"step": str(step), "fingerprint": fingerprint})


def load_state(path: Path, model: MinVIS, optimiser: torch.optim.Optimizer, fingerprint: str) -> int:
    """Take up a state if there is a fitting one.

    Returns:
        Steps done; 0, with model and optimiser untouched, where there is no state, a damaged one or one of another
        training.

    Raises:
        MachineError: There is one that the machine cannot read now; to start anew would write over it.
    """
    try:
        if not path.is_file():
            return 0
        # The library's own errors carry no number of the system.
        path.open("rb").close()
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("fingerprint") != fingerprint:
                log.warning(
                    "%s is of a training with other settings, labels or code: ignored, starting anew", path
                )
                return 0
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        if isinstance(error, OSError) or is_the_machines(error):
            raise machine_error(path, "cannot be read", error) from error
        log.warning("%s cannot be read (%s): ignored, starting anew", path, error)
        return 0
    load_strict(
        model.network,
        {name.removeprefix(WEIGHT): value for name, value in tensors.items() if name.startswith(WEIGHT)},
        path,
    )
    numbers = {name: number for number, name in enumerate(_numbered_names(model, optimiser))}
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith(MOMENT):
            key, parameter = name.removeprefix(MOMENT).split(".", 1)
            moments.setdefault(numbers[parameter], {})[key] = value
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    log.info("resuming after step %s from %s", metadata["step"], path)
    return int(metadata["step"])

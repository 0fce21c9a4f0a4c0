"""Model weights: read without running code, matched without silence."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core.multiarray import scalar
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError, is_the_machines, machine_error
from uvis_core.io.pickles import read_arrays

NAMES_SHOWN = 8
ZIP = b"PK"
# Checkpoints keep figures such as the best score beside the tensors, sometimes as numpy's: plain numbers.
NUMPY_SCALARS: list[Any] = [scalar, np.dtype, *(type(np.dtype(code)) for code in ("f4", "f8", "i4", "i8"))]


def read_state_dict(path: Path | str) -> dict[str, Tensor]:
    """Read named tensors from safetensors, a torch file (``weights_only``), or a pickle of arrays (``.pkl``).

    The content tells the first two apart, not the suffix. A torch file may hold the tensors at its top, or under
    ``model`` or ``state_dict`` beside other entries, as detectron2 and open_clip save them.

    Raises:
        UserError: The file is missing, cut short, or holds something else than tensors.
        MachineError: The disk, the memory or a missing permission is at fault.
    """
    path, start = Path(path), b""
    try:
        if not path.is_file():
            raise UserError(
                f"{path}: no such weights file",
                fix="check the path under the stage's weights key; published weights are fetched by "
                "scripts/fetch_weights.py (docs/weights.md)",
            )
        with path.open("rb") as stream:
            start = stream.read(9)
        if path.suffix == ".pkl" and not start.startswith(ZIP):
            return {name: _tensor(array) for name, array in read_arrays(path).items()}
        if start[8:] == b"{":
            return load_file(path)
        with torch.serialization.safe_globals(NUMPY_SCALARS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UserError:
        raise
    except Exception as error:  # Damaged pickles and archives fail in every way.
        # A pickle without torch's archive around it (before torch 1.6) names lengths, and damaged ones want all memory.
        named = isinstance(error, MemoryError) and not start.startswith(ZIP)
        if is_the_machines(error) and not named and not _claims_too_much(error, path):
            raise machine_error(path, "could not be read", error) from error
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(
            f"{path}: cannot be read as weights ({reason})",
            fix="the file is cut short or not a checkpoint: fetch it again, or convert it with "
            "scripts/convert_checkpoint.py",
        ) from error
    for key in ("model", "state_dict"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise UserError(
            f"{path}: holds something else than named tensors",
            fix="give a file that holds a state dict, at its top or under the key 'model'",
        )
    return dict(content)


def _claims_too_much(error: Exception, path: Path) -> bool:
    """Whether memory was wanted for a tensor that is larger than its file, so that the file is at fault."""
    claimed = re.search(r"tried to allocate (\d+) bytes", str(error))
    return claimed is not None and int(claimed[1]) > path.stat().st_size


def _is_finite(tensor: Tensor) -> bool:
    """Whether all numbers are finite, without a copy of the tensor."""
    if not tensor.is_floating_point() or tensor.numel() == 0:
        return True
    return bool(torch.isfinite(torch.stack(torch.aminmax(tensor))).all())


def _tensor(array: np.ndarray) -> Tensor:
    """A tensor of its own, in this machine's byte order."""
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))


def load_strict(
    model: nn.Module,
    state: Mapping[str, Tensor],
    path: Path | str,
    reinitialise: Sequence[str] = (),
    called: Callable[[str], str] = str,
) -> None:
    """Copy ``state`` into ``model``; every tensor must be there with its shape.

    Args:
        model: Receives the weights, in its own dtype.
        state: Named tensors.
        path: Where they came from, for the error message.
        reinitialise: Prefixes of tensors that keep the model's own values, whatever the file holds.
        called: Gives the file's own name of a tensor, for the error message, where ``state`` was renamed.

    Raises:
        UserError: Names the tensors that are missing, unexpected or of another shape, and the likely cause; or one
            that holds NaN or infinity.
    """
    skipped = tuple(reinitialise)
    own = {
        name: value
        for name, value in model.state_dict().items()
        if not (skipped and name.startswith(skipped))
    }
    # Counters of batch norms do not enter inference, and published files leave them out.
    optional = {name for name in own if name.endswith("num_batches_tracked")}
    given = {name: value for name, value in state.items() if not (skipped and name.startswith(skipped))}
    missing = sorted(called(name) for name in set(own) - set(given) - optional)
    unexpected = sorted(
        called(name) for name in set(given) - set(own) if not name.endswith("num_batches_tracked")
    )
    reshaped = sorted(
        f"{called(name)} {tuple(given[name].shape)} instead of {tuple(own[name].shape)}"
        for name in set(own) & set(given)
        if own[name].shape != given[name].shape
    )
    faults = [
        f"{len(names)} {kind}: {', '.join(names[:NAMES_SHOWN])}{' …' if len(names) > NAMES_SHOWN else ''}"
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("of another shape", reshaped))
        if names
    ]
    if faults:
        raise UserError(
            f"{path}: does not fit the model; {'; '.join(faults)}",
            fix=likely_cause(missing, unexpected, reshaped, len(set(own) & set(given))),
        )
    for name in sorted(set(own) & set(given)):
        if not _is_finite(given[name]):
            raise UserError(
                f"{path}: {called(name)} holds NaN or infinity",
                fix="the training that made it went astray, or the file is damaged: take another checkpoint",
            )
    with torch.no_grad():
        for name, value in model.state_dict(keep_vars=True).items():
            if name in own and name in given:
                value.copy_(given[name])


def likely_cause(
    missing: Sequence[str], unexpected: Sequence[str], reshaped: Sequence[str], common: int
) -> str:
    """What most often lies behind such differences, and what to do about it.

    Args:
        missing: Names that the model has and the file has not.
        unexpected: Names that the file has and the model has not.
        reshaped: What is in both with different shapes.
        common: How many names are in both.
    """
    if not common:
        return (
            "this is another model or another layout of it: give weights of this very model (docs/weights.md)"
        )
    if reshaped and not missing and not unexpected:
        return "the model is of another size: set the model's sizes in the configuration to those of the file"
    if len(missing) == len(unexpected):
        return "the tensors have other names: the file is of another version of this model; rename them, or get another"
    if missing and not unexpected:
        return "the file holds a part of the model, or of a shallower one: get the whole file, or set the model's depth"
    if unexpected and not missing:
        return "the file is of a deeper model, or of one with more parts: set the model's sizes to those of the file"
    return "give the weights of this very model, or set the model's sizes in the configuration to those of the file"


def write_state_dict(
    path: Path | str, state: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write named tensors as ``.safetensors``, atomically, on the CPU and contiguous."""
    plain = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    with atomic_path(path) as temporary:
        # The library makes files that only their owner may read; others share weights by the usual rules.
        temporary.touch()
        mode = temporary.stat().st_mode
        save_file(plain, temporary, metadata=dict(metadata or {}))
        temporary.chmod(mode)

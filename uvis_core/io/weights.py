"""Model weights: read without running code, matched without silence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError

NAMES_SHOWN = 8


def read_state_dict(path: Path | str) -> dict[str, Tensor]:
    """Read named tensors from ``.safetensors``, or from a torch file with ``weights_only``.

    A torch file may hold the tensors at its top, or under ``model`` or ``state_dict`` beside other entries,
    as detectron2 and open_clip save them.

    Raises:
        UserError: The file is missing, cut short, or holds something else than tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such weights file", fix="check the path under the stage's weights key")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path}: cannot be read as weights ({(str(error) or type(error).__name__).splitlines()[0]})",
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


def load_strict(
    model: nn.Module, state: Mapping[str, Tensor], path: Path | str, reinitialise: Sequence[str] = ()
) -> None:
    """Copy ``state`` into ``model``; every tensor must be there with its shape.

    Args:
        model: Receives the weights, in its own dtype.
        state: Named tensors.
        path: Where they came from, for the error message.
        reinitialise: Prefixes of tensors that keep the model's own values, whatever the file holds.

    Raises:
        UserError: Names the tensors that are missing, unexpected or of another shape.
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
    missing = sorted(set(own) - set(given) - optional)
    unexpected = sorted(name for name in set(given) - set(own) if not name.endswith("num_batches_tracked"))
    reshaped = sorted(
        f"{name} {tuple(given[name].shape)} instead of {tuple(own[name].shape)}"
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
            fix="give the weights of this very model, or set the model's sizes in the configuration to "
            "those of the file",
        )
    with torch.no_grad():
        for name, value in model.state_dict(keep_vars=True).items():
            if name in own and name in given:
                value.copy_(given[name])


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

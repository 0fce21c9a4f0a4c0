"""The training loop."""

import hashlib
import logging
import math
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from uvis_core.config.training import TrainingSettings
from uvis_core.io.devices import autocast
from uvis_core.io.errors import UserError
from uvis_core.io.samples import check_samples
from uvis_core.model.backbone import load_backbone
from uvis_core.model.checkpoint import load_initial, save_checkpoint
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.model.usage import ModelUsage
from uvis_core.provenance import settings_digest
from uvis_core.training.criterion import Losses, Totals, batch_totals, set_losses
from uvis_core.training.dataset import Batch, sample_loader
from uvis_core.training.lock import held
from uvis_core.training.metrics import MetricsLog
from uvis_core.training.optimiser import make_optimiser, rate_factor, set_learning_rate
from uvis_core.training.processes import Processes
from uvis_core.training.recipes import TrainedNetwork, network_input, padded_targets, recipe_samples
from uvis_core.training.resume import load_state, save_state
from uvis_core.training.samples import LabelledFrames
from uvis_core.training.stopping import Progress, said_when_stopped

log = logging.getLogger("uvis")
METRICS_NAME, BOARD_NAME = "metrics.jsonl", "tensorboard"
# Under names of their own while the training runs: a workflow that goes on after a kill first removes the outputs
# of the unfinished job, and the figures so far are part of what is resumed.
STATE_NAME, UNFINISHED_METRICS_NAME = "unfinished.safetensors", "unfinished.jsonl"


def train(
    settings: TrainingSettings,
    samples_path: Path,
    output: Path,
    seed: int,
    processes: Processes,
    *,
    tested: Mapping[str, Any] | None = None,
    code: str = "",
    workers: int = 0,
    log_every: int = 10,
) -> None:
    """Fit the network to the labels and write the checkpoint; a killed run resumes from its last saved state.

    Args:
        settings: The recipe.
        samples_path: The labelled frames, as ``LabelledFrames`` reads them.
        output: The checkpoint, ``model.safetensors``; config.json, metrics and the unfinished state go beside
        it.
        seed: Of initial weights, samples and points.
        processes: Who trains.
        tested: Settings of the tracks stage that the model is to be tested with; they are kept with it and change no
            weight. Left out, they are the smallest side that it was trained with.
        code: Digest of the stage's code; a state of other code is not resumed.
        workers: Decoding processes of each training process.
        log_every: Steps between logged figures.

    Raises:
        UserError: There are no labels, a file cannot be used, the loss is not finite, or another process trains in
            this folder.
    """
    if processes.first:
        check_samples(samples_path)
    frames = LabelledFrames(samples_path, class_agnostic=settings.class_agnostic)
    model = placed(build_model(settings, frames.class_ids, seed), processes.device).train()
    optimiser = make_optimiser(model, settings)
    state_path = output.with_name(STATE_NAME)
    fingerprint = training_fingerprint(settings, samples_path, seed, code)
    with ExitStack() as stack:
        lock = stack.enter_context(held(output, fingerprint)) if processes.first else None
        done = load_state(state_path, model, optimiser, fingerprint)
        progress = Progress(settings.steps, done, done)
        if processes.first:
            stack.enter_context(said_when_stopped(progress))
        samples = recipe_samples(frames, settings, seed)
        batches = sample_loader(
            samples, done, rank=processes.rank, processes=processes.count, workers=workers
        )
        metrics = (
            MetricsLog(output.with_name(UNFINISHED_METRICS_NAME), output.with_name(BOARD_NAME), done)
            if processes.first
            else None
        )
        trained = _parallel(TrainedNetwork(model, settings, seed), processes)
        bar = tqdm(
            total=settings.steps,
            initial=done,
            unit="step",
            desc="training",
            disable=not processes.first,
            mininterval=0.5 if sys.stderr.isatty() else 10.0,
            dynamic_ncols=True,
        )
        started = time.perf_counter()
        for batch in batches:
            losses, norm = train_step(trained, model, optimiser, batch, settings, seed, processes)
            steps = progress.done = batch.step + 1
            if steps % log_every == 0 or steps == settings.steps:
                total, classes, masks, dice = processes.summed(
                    torch.stack([value.detach() for value in losses])
                ).tolist()
                if metrics:
                    figures = {"loss": total, "loss_class": classes, "loss_mask": masks, "loss_dice": dice}
                    rate = settings.learning_rate * rate_factor(batch.step, settings)
                    seconds = (time.perf_counter() - started) / (steps - done)
                    metrics.write(
                        steps,
                        {**figures, "gradient_norm": norm, "learning_rate": rate},
                        {"seconds_per_step": seconds},
                    )
                    bar.set_postfix_str(f"loss {total:.2f}", refresh=False)
            if lock and steps % settings.checkpoint_steps == 0 and steps < settings.steps:
                lock.check()
                save_state(state_path, model, optimiser, steps, fingerprint)
                progress.saved = steps
            bar.update()
        bar.close()
        if lock and metrics:
            metrics.close()
            lock.check()
            tested = tested or {"short_side_px": min(settings.short_sides_px)}
            save_checkpoint(model, output, ModelUsage(class_names=frames.class_names, tracks=dict(tested)))
            # In this order: figures without their state would leave a gap in those of a run killed right here.
            state_path.unlink(missing_ok=True)
            output.with_name(UNFINISHED_METRICS_NAME).replace(output.with_name(METRICS_NAME))
        if processes.count > 1:
            # The others must not end, and torchrun with them, before the checkpoint is whole.
            distributed.barrier()


def build_model(settings: TrainingSettings, class_ids: Sequence[int], seed: int) -> MinVIS:
    """The network with random weights, then those of the initial checkpoint, then those of the backbone.

    Raises:
        UserError: A frozen backbone was given no weights, or weights do not fit.
    """
    if settings.frozen_backbone and settings.backbone is None and settings.initial is None:
        raise UserError(
            "the backbone is frozen but has no weights",
            fix="set training.backbone or training.initial to a file, or training.frozen_backbone to false",
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MinVIS(
            settings.model, class_ids, frozen_backbone=settings.frozen_backbone, recipe=settings.recipe
        )
    if settings.initial is not None:
        load_initial(model, settings.initial)
    if settings.backbone is not None:
        load_backbone(model, settings.backbone)
    return model


def _parallel(network: TrainedNetwork, processes: Processes) -> torch.nn.Module:
    if processes.count == 1:
        return network
    devices = [processes.device] if processes.device.type == "cuda" else None
    return DistributedDataParallel(
        network, device_ids=devices, broadcast_buffers=False, gradient_as_bucket_view=True
    )


def train_step(
    trained: torch.nn.Module,
    model: MinVIS,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    settings: TrainingSettings,
    seed: int,
    processes: Processes,
) -> tuple[Losses, float]:
    """One optimiser step on this process's share of a batch.

    Args:
        trained: The model as its recipe trains it, or the wrapper of that which averages gradients over processes.
        model: The network.
        optimiser: From ``make_optimiser``.
        batch: The share.
        settings: The recipe.
        seed: Of the run.
        processes: Who trains.

    Returns:
        This process's share of the losses, and the norm of the whole gradient before clipping.

    Raises:
        UserError: Loss or gradient is not finite; names the step and this process's frames.
    """
    images = network_input(batch.samples, batch.size, processes.device)
    targets = padded_targets(batch.samples, batch.size, processes.device)
    own = batch_totals(targets, settings.model.queries)
    totals = (
        Totals(*processes.summed(torch.tensor(own, device=processes.device)).tolist())
        if processes.count > 1
        else own
    )
    indices = [sample.index for sample in batch.samples]
    with autocast(processes.device, settings.precision):
        outputs = trained(images, indices)
    losses = set_losses(outputs, targets, seed, indices, settings.loss, totals)
    _require_finite("loss", losses.total.item(), batch)
    optimiser.zero_grad()
    # Each share is divided by global sizes already, so gradients are to be summed; the wrapper averages them.
    (losses.total * processes.count).backward()
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, settings.clip_norm))
    _require_finite("gradient", norm, batch)
    set_learning_rate(optimiser, rate_factor(batch.step, settings))
    optimiser.step()
    return losses, norm


def _require_finite(name: str, value: float, batch: Batch) -> None:
    if not math.isfinite(value):
        files = ", ".join(sample.file for sample in batch.samples)
        raise UserError(
            f"training step {batch.step + 1}: the {name} is {value}; frames of the batch: {files}",
            fix="look at these frames and labels; else lower training.learning_rate or use precision fp32",
        )


def training_fingerprint(settings: TrainingSettings, samples_path: Path, seed: int, code: str) -> str:
    """Digest of what decides the weights: settings, seed, code, and the files read except frames."""
    values = settings.model_dump(mode="json", exclude={"checkpoint_steps"})
    files = {"samples": samples_path, "backbone": settings.backbone, "initial": settings.initial}
    for name, path in files.items():
        values[name] = _file_digest(Path(path)) if path else None
    return settings_digest({**values, "seed": seed, "code": code})


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

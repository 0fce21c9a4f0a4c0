"""What it is worth on a CPU to keep freed memory: steps of the default training with and without, taken in turns.

Each turn is a process of its own, because the heap's settings cannot be taken back.

    python benchmarks/heap.py
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

import torch
from throughput_work import noise

from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.toy.models_backbone import TOY_MINVIS
from uvis_core.training.dataset import Batch, Sample
from uvis_core.training.heap import keep_freed_memory
from uvis_core.training.loop import train_step
from uvis_core.training.optimiser import make_optimiser
from uvis_core.training.processes import Processes
from uvis_core.training.recipes import TrainedNetwork

HEIGHT_PX, WIDTH_PX, INSTANCES = 128, 160, 3
WARM_UP_STEPS, STEPS = 5, 40


def measure(kept: bool, threads: int, batch_size: int) -> dict[str, float]:
    """Milliseconds and new pages of a step, and the most memory this process held."""
    if kept and not keep_freed_memory():
        sys.exit("the C library of this machine cannot be told to keep memory")
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    settings = TrainingSettings(
        model=TOY_MINVIS, batch_size=batch_size, loss=LossSettings(points=1024), backbone="random"
    )
    cpu = torch.device("cpu")
    model = placed(MinVIS(settings.model, range(1, 7)), cpu).train()
    network = TrainedNetwork(model, settings, 0)
    optimiser = make_optimiser(model, settings)
    masks = torch.zeros(INSTANCES, HEIGHT_PX, WIDTH_PX, dtype=torch.uint8)
    for place in range(INSTANCES):
        masks[place, place * 40 : place * 40 + 40, place * 50 : place * 50 + 40] = 1

    def step(number: int) -> None:
        places = range(number * batch_size, (number + 1) * batch_size)
        samples = [
            Sample(place, "random", noise(3, HEIGHT_PX, WIDTH_PX), masks, torch.arange(INSTANCES))
            for place in places
        ]
        batch = Batch(number, samples, (HEIGHT_PX, WIDTH_PX))
        train_step(network, model, optimiser, batch, settings, 0, Processes(0, 1, cpu))

    for number in range(WARM_UP_STEPS):
        step(number)
    started, pages = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(WARM_UP_STEPS, WARM_UP_STEPS + STEPS):
        step(number)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "ms": 1000 * (time.perf_counter() - started) / STEPS,
        "pages": (usage.ru_minflt - pages) / STEPS,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def main(arguments: argparse.Namespace) -> None:
    if arguments.only:
        print(json.dumps(measure(arguments.only == "kept", arguments.threads, arguments.batch_size)))
        return
    figures: dict[str, list[dict[str, float]]] = {"plain": [], "kept": []}
    flags = ["--threads", str(arguments.threads), "--batch-size", str(arguments.batch_size)]
    for _ in range(arguments.turns):
        for how, turns in figures.items():
            command = [sys.executable, __file__, "--only", how, *flags]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            turns.append(json.loads(done.stdout))
    medians = {
        how: {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
        for how, turns in figures.items()
    }
    for how, median in medians.items():
        print(
            f"{how}: {median['ms']:.1f} ms and {median['pages']:.0f} new pages a step, {median['peak_mb']:.0f} MB"
        )
    print(f"plain / kept: {medians['plain']['ms'] / medians['kept']['ms']:.2f} x the time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2, help="of torch (default: 2)")
    parser.add_argument("--batch-size", type=int, default=4, help="frames per step (default: 4)")
    parser.add_argument("--turns", type=int, default=5, help="processes of each kind (default: 5)")
    parser.add_argument("--only", choices=["plain", "kept"], help=argparse.SUPPRESS)
    main(parser.parse_args())

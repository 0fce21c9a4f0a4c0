"""Every script's command on the tables of a tiny run: sound but for what a case puts in place of a file."""

import io
import logging
import runpy
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from tests.bad_inputs.case import ROOT, script
from tests.bad_inputs.run import Run
from tests.conftest import GOLDENS
from uvis_core.io.atomic import write_json

Flags = Mapping[str, Any]
Meet = Callable[[Path], str]
TOY = ROOT / "uvis_core" / "toy" / "weights"
PUBLISHED = ROOT / "uvis_core" / "comparison" / "published.json"
CLIP = {"--model": TOY / "crops.json", "--weights": TOY / "crops.safetensors", "--device": "cpu"}
POSITIONAL = ""


def out(run: Run, name: str) -> Path:
    """A file that a script is to write."""
    return run.folder / "out" / name


def flags_of(run: Run) -> dict[str, dict[str, Any]]:
    """Flags of every script by its name; a list is several values of one flag."""
    shard = {
        f"--{name}": run[name] for name in ("frames", "masks", "crops", "similarities", "labels", "tracks")
    }
    words = {"--vocabulary": run.folder / "classes.txt"}
    truth, results = run.folder / "truth.json", run.folder / "results.json"
    ledger, index, figures = (run.folder / f"{name}.json" for name in ("ledger", "index", "figures"))
    write_json(ledger, [])
    write_json(index, {"shards": {"shard-00-of-01": {"videos": 1, "digest": "d"}}})
    write_json(figures, {"AP": 0.5, "warnings": []})

    text = run.folder / "text.safetensors"
    one = torch.ones(1, 1, 8)
    save_file(
        {
            "embeddings": one,
            "is_prompt": one[:, :, 0].bool(),
            "class_ids": torch.tensor([1]),
            "logit_scale": torch.tensor(1.0),
        },
        text,
    )

    def some(*names: str) -> dict[str, Any]:
        return {f"--{name}": shard[f"--{name}"] for name in names}

    return {
        "check_frames.py": {
            **some("frames"),
            "--failures": ledger,
            "--max-failed-share": 0.5,
            "--output": out(run, "summary.json"),
        },
        "convert_checkpoint.py": {
            "--source": "minvis",
            "--checkpoint": GOLDENS / "minvis" / "small" / "checkpoint.pth",
            "--output": out(run, "minvis"),
        },
        "embed_vocabulary.py": {**words, **CLIP, "--output": out(run, "text.safetensors")},
        "evaluate_labels.py": {
            **some("labels", "masks"),
            **words,
            "--truth": run["truth"],
            "--output": out(run, "figures.json"),
        },
        "evaluate_tracks.py": {
            **some("frames"),
            "--predictions": run["tracks"],
            "--ground-truth": run["truth"],
            "--output": out(run, "figures.json"),
        },
        "export_results.py": {
            **some("frames", "tracks", "labels", "masks"),
            **words,
            "--format": "ytvis",
            "--of": "labels",
            "--plan": run["plan"],
            "--output": out(run, "labels.json"),
        },
        "extract_frames.py": {
            "--plan": run["plan"],
            "--shard": "shard-00-of-01",
            "--output": out(run, "frames.parquet"),
            "--failures": out(run, "failures.json"),
            "--image-folder": run.folder / "images",
        },
        "fetch_weights.py": {POSITIONAL: "a-name-that-nobody-knows", "--folder": run.folder / "weights"},
        "fit_prototypes.py": {
            **some("crops"),
            **words,
            "--device": "cpu",
            "--output": out(run, "prototypes.parquet"),
        },
        "gather_samples.py": {
            **some("labels", "masks", "frames"),
            **words,
            "--output": out(run, "train.arrow"),
        },
        "generate_masks.py": {
            **some("frames"),
            "--weights": TOY / "masks.safetensors",
            "--device": "cpu",
            "--output": out(run, "masks.parquet"),
        },
        "make_submission.py": {
            "--predictions": results,
            "--split": truth,
            "--output": out(run, "results.zip"),
        },
        "make_tables.py": {
            "--dataset": "toy",
            "--published": PUBLISHED,
            "--figures": f"uvis={figures}",
            "--ablation": "{A6: uvis}",
            "--output": out(run, "tables.json"),
            "--markdown": out(run, "tables.md"),
        },
        "make_toy.py": {
            "--output-videos": run.folder / "videos",
            "--truth": out(run, "truth.json"),
            "--split": "train",
        },
        "make_toy_models.py": {POSITIONAL: "detector", "--output-folder": run.folder / "models"},
        "plan_videos.py": {
            "--source.kind": "videos",
            "--source.path": run.folder,
            "--output": out(run, "plan.parquet"),
        },
        "read_truth.py": {
            "--annotations": truth,
            "--plan": run["plan"],
            "--output": out(run, "truth.parquet"),
        },
        "remove_leftovers.py": {"--results": run.folder, "--plans": index},
        "render_report.py": {
            **some("masks", "labels", "frames", "tracks"),
            **words,
            "--train-frames": run["frames"],
            "--dataset": "toy",
            "--clips": 0,
            "--extreme-clips": 0,
            "--output": out(run, "index.html"),
        },
        "render_tables.py": {"--tables": figures, "--output": out(run, "tables.html")},
        "score_crops.py": {
            **some("masks", "frames"),
            **words,
            **CLIP,
            "--text": text,
            "--output": out(run, "crops.parquet"),
        },
        "score_similarity.py": {
            **some("crops"),
            "--prototypes": run["prototypes"],
            "--output": out(run, "similarities.parquet"),
        },
        "select_labels.py": {
            **some("masks", "crops", "similarities"),
            **words,
            "--output": out(run, "labels.parquet"),
        },
        "track_videos.py": {
            **some("frames", "labels", "masks", "crops"),
            "--tracker": "deepsort",
            "--device": "cpu",
            "--output": out(run, "tracks.parquet"),
        },
        "train_model.py": {
            "--samples": run.folder / "train.arrow",
            "--output": out(run, "model.safetensors"),
            "--device": "cpu",
            "--steps": 1,
        },
        "write_configuration_docs.py": {"--output": out(run, "configuration.md")},
    }


def words_of(flags: Flags) -> list[object]:
    """The command line of flags and their values; a flag whose value is None is left out."""
    found: list[object] = []
    for flag, value in flags.items():
        values = value if isinstance(value, list) else [value]
        if value is not None:
            found += [flag, *values] if flag else values
    return found


def by_hand(name: str, change: Callable[[Run], Flags], empty: tuple[str, ...] = ()) -> Meet:
    """Meets a script's command with some flags changed.

    Args:
        name: The script.
        change: Gives the flags to change.
        empty: Tables of the run that have no rows.
    """

    def meet(folder: Path) -> str:
        run = Run(folder / "run", empty=empty)
        return script(name, *words_of({**flags_of(run)[name], **change(run)}))

    return meet


def another(run: Run) -> Run:
    """Another split's run beside this one."""
    return Run(run.folder.with_name("other"), "w", first_id=50)


def done(name: str, change: Callable[[Run], Flags], empty: tuple[str, ...] = ()) -> Meet:
    """Meets a script's command that succeeds: all that it logs and prints."""

    def meet(folder: Path) -> str:
        run, said = Run(folder / "run", empty=empty), io.StringIO()
        handler = logging.StreamHandler(said)
        log = logging.getLogger("uvis")
        log.addHandler(handler)
        arguments = words_of({**flags_of(run)[name], **change(run)})
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(io.StringIO()):
            patch.setattr(sys, "argv", [name, *map(str, arguments)])
            before = log.level
            log.setLevel(logging.INFO)
            try:
                runpy.run_path(str(ROOT / "scripts" / name), run_name="__main__")
            finally:
                log.setLevel(before)
                log.removeHandler(handler)
        return said.getvalue()

    return meet

"""Every script, started by hand with a file that is not there, or with an output where none can lie."""

from pathlib import Path

from tests.bad_inputs.case import BadInput
from tests.bad_inputs.commands import POSITIONAL, by_hand, flags_of
from tests.bad_inputs.run import Run

# Script: the flag whose file is missing, and what its message names beside it.
MISSING = {
    "check_frames.py": ("--frames", "no such table"),
    "convert_checkpoint.py": ("--checkpoint", "no such weights file"),
    "embed_vocabulary.py": ("--vocabulary", "no such file"),
    "evaluate_labels.py": ("--labels", "no such table"),
    "evaluate_tracks.py": ("--ground-truth", "no such table"),
    "export_results.py": ("--labels", "no such table"),
    "extract_frames.py": ("--plan", "no such table"),
    "fit_prototypes.py": ("--crops", "no such table"),
    "gather_samples.py": ("--masks", "no such table"),
    "generate_masks.py": ("--frames", "no such table"),
    "make_submission.py": ("--predictions", "no such file"),
    "make_tables.py": ("--published", "no such file"),
    "plan_videos.py": ("--source.path", "gone.parquet"),
    "read_truth.py": ("--annotations", "no such file"),
    "remove_leftovers.py": ("--plans", "no plan, so nothing is removed"),
    "render_report.py": ("--tracks", "no such table"),
    "render_tables.py": ("--tables", "no such file"),
    "score_crops.py": ("--text", "no such weights file"),
    "score_similarity.py": ("--prototypes", "no such table"),
    "select_labels.py": ("--similarities", "no such table"),
    "track_videos.py": ("--labels", "no such table"),
    "train_model.py": ("--samples", "no such table"),
}
# Script: the flag that says where its output goes, and whether that is a folder.
OUTPUTS = {
    **dict.fromkeys([*MISSING, "write_configuration_docs.py"], "--output"),
    "fetch_weights.py": "--folder",
    "make_toy.py": "--output-videos",
    "make_toy_models.py": "--output-folder",
}
del OUTPUTS["remove_leftovers.py"]


def gone(name: str, flag: str, words: str) -> BadInput:
    """A script whose input is not there."""
    file = "gone.txt" if flag == "--vocabulary" else "gone.parquet"
    meet = by_hand(name, lambda run: {flag: run.folder / file})
    return BadInput(f"{name}: {flag} is not there", meet, "refused", (file, words, "fix:"))


def under_a_file(name: str, flag: str) -> BadInput:
    """A script whose output would lie in a folder that is a file."""
    meet = by_hand(name, lambda run: {flag: run.folder / "classes.txt" / "out.parquet"})
    said = ("out.parquet", "cannot be written, as", "classes.txt is a file", "choose a path")
    return BadInput(f"{name}: {flag} in a file", meet, "refused", said)


def without_output(folder: Path) -> str:
    """Scripts that have a flag of neither kind; there is to be none."""
    covered = {*MISSING, *OUTPUTS}
    return ", ".join(sorted(set(flags_of(Run(folder))) ^ covered)) or "every script is among them"


CASES = [
    *(gone(name, *pair) for name, pair in MISSING.items()),
    *(under_a_file(name, flag) for name, flag in OUTPUTS.items()),
    BadInput(
        "make_submission.py: --output is a folder",
        by_hand("make_submission.py", lambda run: {"--output": run.folder}),
        "refused",
        ("run: is a folder, where a file is to be written", "name a file"),
    ),
    BadInput(
        "fetch_weights.py: an unknown name",
        by_hand("fetch_weights.py", lambda _: {}),
        "refused",
        ("no weights are known by the name 'a-name-that-nobody-knows'", "known names: cutler_cascade"),
    ),
    BadInput(
        "make_toy.py: an unknown split",
        by_hand("make_toy.py", lambda _: {"--split": "validation"}),
        "refused",
        ("argument --split: invalid choice: 'validation'", "train"),
    ),
    BadInput(
        "make_toy_models.py: an unknown model",
        by_hand("make_toy_models.py", lambda _: {POSITIONAL: "classifier"}),
        "refused",
        ("invalid choice: 'classifier'", "detector"),
    ),
    BadInput(
        "remove_leftovers.py: results that are not there",
        by_hand("remove_leftovers.py", lambda run: {"--results": run.folder / "gone"}),
        "refused",
        ("gone: no such folder", "results/toy"),
    ),
    BadInput("scripts that were forgotten here", without_output, "accepted", ("every script is among them",)),
]

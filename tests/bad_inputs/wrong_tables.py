"""Scripts by hand with the table of another stage, another split, or without rows."""

from pathlib import Path

from tests.bad_inputs.case import BadInput
from tests.bad_inputs.commands import another, by_hand, done
from tests.bad_inputs.run import Run
from uvis_core.io.atomic import write_json

# Script: a flag, the table of another stage that it is given, and the table that it wants.
OTHER_STAGE = {
    "check_frames.py": ("--frames", "masks", "frames"),
    "evaluate_labels.py": ("--labels", "crops", "labels"),
    "evaluate_tracks.py": ("--predictions", "masks", "tracks"),
    "export_results.py": ("--masks", "tracks", "masks"),
    "extract_frames.py": ("--plan", "frames", "plan"),
    "fit_prototypes.py": ("--crops", "labels", "crops"),
    "gather_samples.py": ("--frames", "plan", "frames"),
    "generate_masks.py": ("--frames", "masks", "frames"),
    "read_truth.py": ("--plan", "truth", "plan"),
    "render_report.py": ("--labels", "masks", "labels"),
    "score_crops.py": ("--masks", "labels", "masks"),
    "score_similarity.py": ("--crops", "similarities", "crops"),
    "select_labels.py": ("--crops", "labels", "crops"),
    "track_videos.py": ("--frames", "tracks", "frames"),
}
# Script: a flag that is given a table, where a file of another kind is wanted, and what its message says.
OTHER_KIND = {
    "convert_checkpoint.py": ("--checkpoint", "masks.parquet: cannot be read as weights"),
    "embed_vocabulary.py": ("--weights", "masks.parquet: cannot be read as weights"),
    "make_submission.py": ("--predictions", "masks.parquet: begins with 'PAR1"),
    "make_tables.py": ("--published", "masks.parquet: not valid JSON"),
    "plan_videos.py": ("--source.path", "masks.parquet"),
    "remove_leftovers.py": ("--plans", "masks.parquet: no plan, so nothing is removed"),
    "render_tables.py": ("--tables", "masks.parquet: not valid JSON"),
    "train_model.py": ("--samples", "masks.parquet: cannot be read as a table"),
}


def other_stage(name: str, flag: str, given: str, wanted: str) -> BadInput:
    """A script with the table of another stage."""
    said = (f"{given}.parquet: holds schema {given!r}", f"not {wanted!r}", f"give a table of {wanted}")
    return BadInput(
        f"{name}: a table of {given} as {flag}",
        by_hand(name, lambda run: {flag: run[given]}),
        "refused",
        said,
    )


def other_kind(name: str, flag: str, words: str) -> BadInput:
    """A script with a table where a file of another kind is wanted."""
    meet = by_hand(name, lambda run: {flag: run["masks"]})
    return BadInput(f"{name}: a table of masks as {flag}", meet, "refused", (words, "fix:"))


def other_split(name: str, flag: str, table: str, *words: str) -> BadInput:
    """A script with the table of another split."""
    meet = by_hand(name, lambda run: {flag: another(run)[table]})
    return BadInput(f"{name}: another split's {table} as {flag}", meet, "refused", (*words, "fix:"))


def written(run: Run, name: str, content: object) -> Path:
    """A json beside the tables."""
    write_json(run.folder / name, content)
    return run.folder / name


def other_plan(run: Run) -> dict[str, Path]:
    """Results with a plan of their own, and the plan of others."""
    plan = {"shards": {"shard-00-of-02": {"videos": 1, "digest": "d"}}}
    written(run, "plan/index.json", plan)
    return {}


CASES = [
    *(other_stage(name, *rest) for name, rest in OTHER_STAGE.items()),
    *(other_kind(name, *rest) for name, rest in OTHER_KIND.items()),
    other_split("evaluate_labels.py", "--masks", "masks", "3 masks of the labels", "not among the masks"),
    other_split(
        "evaluate_labels.py", "--truth", "truth", "labels.parquet: video 'v' is not among", "truth.parquet"
    ),
    other_split("evaluate_tracks.py", "--frames", "frames", "truth.parquet: lacks 1", "['w']"),
    other_split("export_results.py", "--frames", "frames", "lacks 1 of the videos", "['w']"),
    other_split("export_results.py", "--plan", "plan", "plan.parquet: lacks 1 of the videos", "['v']"),
    other_split("export_results.py", "--truth", "truth", "truth.parquet: lacks 1 of the videos", "['v']"),
    other_split("export_results.py", "--masks", "masks", "masks of the labels", "are not among the masks"),
    other_split(
        "gather_samples.py", "--frames", "frames", "video 'v' has a label in frame 0", "0 frames of it"
    ),
    other_split("gather_samples.py", "--masks", "masks", "masks of the labels", "are not among the masks"),
    other_split("read_truth.py", "--plan", "plan", "truth.json: lacks 1 of the videos", "['w']"),
    other_split("select_labels.py", "--masks", "masks", "masks of the crops", "are not among the masks"),
    other_split("select_labels.py", "--similarities", "similarities", "not among the similarities"),
    other_split(
        "track_videos.py", "--labels", "labels", "labels.parquet: holds a label in frame 0 of video 'w'"
    ),
    other_split("track_videos.py", "--masks", "masks", "masks of the labels", "are not among the rows of"),
    BadInput(
        "extract_frames.py: a shard that is not planned",
        by_hand("extract_frames.py", lambda _: {"--shard": "shard-07-of-08"}),
        "refused",
        ("plan.parquet: has no shard 'shard-07-of-08'", "its shards are shard-00-of-01"),
    ),
    BadInput(
        "make_submission.py: results of another split",
        by_hand(
            "make_submission.py",
            lambda run: {
                "--predictions": written(
                    run, "p.json", [{"video_id": 9, "category_id": 1, "score": 0.5, "segmentations": [None]}]
                )
            },
        ),
        "refused",
        ("p.json: would be refused or misread: 1 x video_id is not in the split (first: prediction 0, 9)",),
    ),
    BadInput(
        "make_submission.py: results as --split",
        by_hand("make_submission.py", lambda run: {"--split": run.folder / "results.json"}),
        "refused",
        ("results.json: holds no object", "fix:"),
    ),
    BadInput(
        "make_submission.py: an empty list of results",
        by_hand("make_submission.py", lambda _: {}),
        "refused",
        ("results.json: would be refused", "the list is empty"),
    ),
    BadInput(
        "make_tables.py: a truth json as --figures",
        by_hand("make_tables.py", lambda run: {"--figures": f"uvis={run.folder / 'truth.json'}"}),
        "refused",
        ("truth.json: holds no figures", "evaluate_tracks.py"),
    ),
    BadInput(
        "make_tables.py: --figures without a name",
        by_hand("make_tables.py", lambda run: {"--figures": run.folder / "figures.json"}),
        "refused",
        ("is not NAME=FILE", "uvis=figures.json"),
    ),
    BadInput(
        "render_report.py: a list as --evaluation",
        by_hand("render_report.py", lambda run: {"--evaluation": f"uvis={run.folder / 'results.json'}"}),
        "refused",
        ("results.json: holds no JSON object", "fix:"),
    ),
    BadInput(
        "render_report.py: a summary that is another file",
        by_hand("render_report.py", lambda run: {"--frames-summary": run.folder / "truth.json"}),
        "refused",
        ("truth.json: holds no JSON object with failures", "fix:"),
    ),
    BadInput(
        "check_frames.py: figures as --failures",
        by_hand("check_frames.py", lambda run: {"--failures": run.folder / "figures.json"}),
        "refused",
        ("figures.json: is no ledger of failures", "extract_frames.py"),
    ),
    BadInput(
        "render_tables.py: figures as --tables",
        by_hand("render_tables.py", lambda _: {}),
        "refused",
        ("figures.json: holds no gathered tables", "tables.json"),
    ),
    BadInput(
        "remove_leftovers.py: the plan of other results",
        by_hand("remove_leftovers.py", other_plan),
        "refused",
        ("index.json: is not the plan of these results, so nothing is removed", "plan/index.json"),
    ),
    BadInput(
        "convert_checkpoint.py: a detector's weights",
        by_hand(
            "convert_checkpoint.py",
            lambda run: {"--checkpoint": Path("uvis_core/toy/weights/masks.safetensors")},
        ),
        "refused",
        (
            "masks.safetensors: is no MinVIS or VideoCutLER R50 checkpoint",
            "MinVIS, VideoCutLER or Mask2Former R50",
        ),
    ),
    BadInput(
        "convert_checkpoint.py: too few class ids",
        by_hand("convert_checkpoint.py", lambda _: {"--class-ids": [1, 2]}),
        "refused",
        ("has 40 classes, but 2 class ids are given", "give 40 class ids"),
    ),
    BadInput(
        "convert_checkpoint.py: one class id twice",
        by_hand("convert_checkpoint.py", lambda _: {"--class-ids": [7, 7]}),
        "refused",
        ("class ids [7, 7] hold an id twice", "an id of its own"),
    ),
    BadInput(
        "check_frames.py: no frames",
        by_hand("check_frames.py", lambda _: {}, ("frames",)),
        "refused",
        ("no video could be read, of 0", "give videos that play"),
    ),
    BadInput(
        "read_truth.py: an empty plan",
        by_hand("read_truth.py", lambda _: {}, ("plan",)),
        "refused",
        ("truth.json: no video of it is wanted", "give a plan that lists videos"),
    ),
    BadInput(
        "select_labels.py: no similarities",
        by_hand("select_labels.py", lambda _: {}, ("similarities",)),
        "refused",
        ("3 masks of the crops are not among the similarities", "tables of one shard"),
    ),
    BadInput(
        "track_videos.py: no frames",
        by_hand("track_videos.py", lambda _: {}, ("frames",)),
        "refused",
        ("labels.parquet: holds a label in frame 0 of video 'v'", "tables of one shard"),
    ),
    BadInput(
        "gather_samples.py: no labels",
        done("gather_samples.py", lambda _: {}, ("labels",)),
        "accepted",
        ("crops by verdict: {'kept': 0",),
    ),
    BadInput(
        "fit_prototypes.py: no crops",
        done("fit_prototypes.py", lambda _: {}, ("crops",)),
        "accepted",
        ("class star: no crop is given this class, so it has no prototype and no label",),
    ),
    BadInput(
        "evaluate_labels.py: no labels",
        done("evaluate_labels.py", lambda _: {}, ("labels",)),
        "accepted",
        ("all (mF1)",),
    ),
    BadInput(
        "select_labels.py: no crops",
        done("select_labels.py", lambda _: {}, ("crops", "similarities")),
        "accepted",
        ("crops by verdict: {}",),
    ),
    BadInput(
        "export_results.py: no labels",
        done("export_results.py", lambda _: {}, ("labels",)),
        "accepted",
        ("done:",),
    ),
    BadInput(
        "score_similarity.py: no prototypes",
        done("score_similarity.py", lambda _: {}, ("prototypes",)),
        "accepted",
        ("done:",),
    ),
    BadInput(
        "render_report.py: no tracks",
        done("render_report.py", lambda _: {}, ("tracks",)),
        "accepted",
        ("done:",),
    ),
]

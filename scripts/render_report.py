"""Show a whole run on one self-contained HTML page: figures, counts, curves, clips, failures, resources."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.report import ReportSettings
from uvis_core.io.errors import UserError
from uvis_core.jobs import run_job
from uvis_core.report.report import ReportInputs, write_report


def main(arguments: argparse.Namespace) -> None:
    """Render the page that the command line asks for."""
    inputs = ReportInputs(
        dataset=arguments.dataset,
        vocabulary=arguments.vocabulary,
        frames_summaries=arguments.frames_summary,
        train_frames=arguments.train_frames,
        masks=arguments.masks,
        labels=arguments.labels,
        crops=arguments.crops,
        frames=arguments.frames,
        tracks=arguments.tracks,
        evaluations=dict(named_file(text) for text in arguments.evaluation),
        metrics=arguments.metrics,
        model=arguments.model,
        exports=arguments.exports,
        truth=arguments.truth,
        train_truth=arguments.train_truth,
        label_quality=arguments.label_quality,
        benchmarks=arguments.benchmarks,
        configuration=arguments.configuration,
    )
    write_report(arguments.output, inputs, read_settings(arguments, ReportSettings))


def named_file(text: str) -> tuple[str, str]:
    """Split ``NAME=FILE``."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise UserError(
            f"--evaluation {text!r} is not NAME=FILE", fix="write for example --evaluation main=figures.json"
        )
    return name, path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, metavar="FILE", help="the page (HTML)")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="name of the run")
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="class names")
    split = parser.add_argument_group("labelled split")
    split.add_argument("--train-frames", required=True, nargs="+", metavar="FILE", help="frames tables")
    split.add_argument(
        "--masks", required=True, nargs="+", metavar="FILE", help="masks tables, in the same order"
    )
    split.add_argument(
        "--labels", required=True, nargs="+", metavar="FILE", help="labels tables, in the same order"
    )
    split.add_argument(
        "--crops",
        nargs="*",
        default=[],
        metavar="FILE",
        help="crops tables, in the same order, to know the second class of each label",
    )
    split.add_argument("--train-truth", metavar="FILE", help="truth table, for the pictures only")
    split.add_argument(
        "--label-quality", metavar="FILE", help="figures of the labels against that truth (json)"
    )
    split = parser.add_argument_group("tracked split")
    split.add_argument("--frames", required=True, nargs="+", metavar="FILE", help="frames tables")
    split.add_argument(
        "--tracks",
        required=True,
        nargs="+",
        metavar="FILE",
        help="tracks tables of the main experiment, in the same order",
    )
    split.add_argument("--truth", metavar="FILE", help="truth table, for the pictures only")
    split.add_argument(
        "--evaluation",
        nargs="*",
        default=[],
        metavar="NAME=FILE",
        help="figures of each experiment, the main one first; without them the page shows none",
    )
    about = parser.add_argument_group("about the run")
    about.add_argument(
        "--frames-summary", nargs="*", default=[], metavar="FILE", help="summary of the frames of each split"
    )
    about.add_argument("--metrics", metavar="FILE", help="metrics of the training (JSON lines)")
    about.add_argument("--model", metavar="FILE", help="the trained model, to be named on the page")
    about.add_argument(
        "--exports",
        nargs="*",
        default=[],
        metavar="FOLDER",
        help="folders of exports, to be named on the page",
    )
    about.add_argument("--benchmarks", metavar="FOLDER", help="Snakemake's benchmark files of the jobs")
    about.add_argument("--configuration", metavar="FILE", help="the whole configuration (JSON)")
    add_settings(parser, ReportSettings)
    run_job(main, parser)

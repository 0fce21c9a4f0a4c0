"""Follow instances through new videos with a trained model: overlays, a table and a json, without a workflow."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.predict import PredictSettings
from uvis_core.io.devices import pick_device
from uvis_core.jobs import run_job
from uvis_core.predict.inputs import find_videos
from uvis_core.predict.model import load_predictor
from uvis_core.predict.predict import predict_videos


def main(arguments: argparse.Namespace) -> None:
    """Predict the videos that the command line names."""
    entries = find_videos(arguments.videos)
    settings = read_settings(arguments, PredictSettings)
    predictor = load_predictor(arguments.model, settings, arguments.vocabulary, pick_device(arguments.device))
    predict_videos(entries, predictor, arguments.output, arguments.batch_size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="The exit status is 1 if any video could not be used; the others are finished.",
    )
    parser.add_argument("--model", required=True, metavar="FILE", help="trained or converted (.safetensors)")
    parser.add_argument(
        "--videos", required=True, nargs="+", metavar="PATH", help="video files, and folders of such files"
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="FOLDER",
        help="gets overlays/, tracks.parquet, tracks.json, failures.json",
    )
    parser.add_argument(
        "--vocabulary", metavar="FILE", help="class names (default: those that are kept with the model)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--batch-size", type=int, default=8, help="frames at a time (default: 8)")
    add_settings(parser, PredictSettings)
    run_job(main, parser)

"""Embed the crop of every mask of one shard and score it against the classes."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.crops import CropsSettings
from uvis_core.crops.score import score_crops
from uvis_core.crops.text import read_text_embeddings
from uvis_core.io.devices import pick_device
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table, write_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import add_runtime, run_job


def main(arguments: argparse.Namespace) -> None:
    """Read masks, frames and text embeddings, score, write the table."""
    settings = read_settings(arguments, CropsSettings)
    text = None
    if settings.backend == "open_clip":
        if arguments.text is None:
            raise UserError(
                "backend open_clip compares crops with prompts, but --text is not given",
                fix="give the file that scripts/embed_vocabulary.py makes",
            )
        text = read_text_embeddings(arguments.text, read_vocabulary(arguments.vocabulary))
    columns = score_crops(
        read_table(arguments.masks, MASKS),
        read_table(arguments.frames, FRAMES),
        text,
        settings,
        device=pick_device(arguments.device),
        batch_size=arguments.batch_size,
        weights_file=arguments.weights_file,
        workers=arguments.workers,
    )
    write_table(arguments.output, CROPS, columns, stamp(arguments, settings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masks", required=True, metavar="FILE", help="table of masks (Parquet)")
    parser.add_argument("--frames", required=True, metavar="FILE", help="table of frames (Parquet)")
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="class names (.txt or .json)")
    parser.add_argument(
        "--text",
        metavar="FILE",
        help="their embeddings, by scripts/embed_vocabulary.py; backend vit needs none",
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="table of crops to write (Parquet)")
    parser.add_argument(
        "--weights-file",
        metavar="FILE",
        help="where the tag given as --weights was fetched to (default: its cache)",
    )
    add_settings(parser, CropsSettings)
    add_code_digest(parser)
    add_runtime(parser, batch_size=128)
    run_job(main, parser)

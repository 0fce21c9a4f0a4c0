"""Embed every prompt of a vocabulary, once for all shards."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.crops import CropsSettings
from uvis_core.crops.text import embed_vocabulary, write_text_embeddings
from uvis_core.io.devices import pick_device
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import add_runtime, run_job


def main(arguments: argparse.Namespace) -> None:
    """Read the vocabulary, embed it, write the file."""
    text = embed_vocabulary(
        read_vocabulary(arguments.vocabulary),
        read_settings(arguments, CropsSettings),
        device=pick_device(arguments.device),
        batch_size=arguments.batch_size,
        weights_file=arguments.weights_file,
    )
    write_text_embeddings(arguments.output, text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="class names (.txt or .json)")
    parser.add_argument(
        "--output", required=True, metavar="FILE", help="text embeddings to write (safetensors)"
    )
    parser.add_argument(
        "--weights-file",
        metavar="FILE",
        help="where the tag given as --weights was fetched to (default: its cache)",
    )
    add_settings(parser, CropsSettings)
    add_runtime(parser, batch_size=256)
    run_job(main, parser)

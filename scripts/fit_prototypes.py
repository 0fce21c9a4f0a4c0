"""Find the prototypes of every class over the crops of all shards."""

import argparse

import faiss

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import write_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.prototypes.fit import fit_prototypes, summary_stamp


def main(arguments: argparse.Namespace) -> None:
    """Fit the prototypes that the command line asks for."""
    settings = read_settings(arguments, PrototypesSettings)
    use_gpu = arguments.device != "cpu" and faiss.get_num_gpus() > 0
    names = {entry.id: entry.name for entry in read_vocabulary(arguments.vocabulary).classes}
    columns, summary = fit_prototypes(arguments.crops, names, settings, use_gpu=use_gpu)
    write_table(arguments.output, PROTOTYPES, columns, stamp(arguments, settings) | summary_stamp(summary))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--crops", required=True, nargs="+", metavar="FILE", help="crops tables of all shards"
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes (JSON or text)")
    parser.add_argument("--output", required=True, metavar="FILE", help="prototypes table (Parquet)")
    parser.add_argument("--device", default="auto", help="cpu, or any other name for GPUs if FAISS sees some")
    add_code_digest(parser)
    add_settings(parser, PrototypesSettings)
    run_job(main, parser)

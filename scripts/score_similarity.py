"""Compare every crop of one shard with the prototypes of its class."""

import argparse

from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_pieces, read_table, write_table
from uvis_core.jobs import run_job
from uvis_core.prototypes.similarity import score_similarity


def main(arguments: argparse.Namespace) -> None:
    """Score the shard that the command line names."""
    crops = read_pieces(arguments.crops, CROPS, ["mask_id", "class_id", "embedding"])
    columns = score_similarity(crops, read_table(arguments.prototypes, PROTOTYPES))
    write_table(arguments.output, SIMILARITIES, columns, stamp(arguments))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", required=True, metavar="FILE", help="crops table of the shard (Parquet)")
    parser.add_argument("--prototypes", required=True, metavar="FILE", help="prototypes table (Parquet)")
    parser.add_argument("--output", required=True, metavar="FILE", help="similarities table (Parquet)")
    add_code_digest(parser)
    run_job(main, parser)

"""Look corrections by hand over: whether every mask is one of the run, every class one of its vocabulary."""

import argparse
import logging
from collections import Counter

from uvis_core.io.corrections import read_corrections
from uvis_core.io.schemas.corrections import CORRECTIONS
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import write_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.labels.corrections import check_corrections

log = logging.getLogger("uvis")


def main(arguments: argparse.Namespace) -> None:
    """Check the file that the command line names."""
    class_ids = {entry.name: entry.id for entry in read_vocabulary(arguments.vocabulary).classes}
    corrections = read_corrections(arguments.corrections, class_ids)
    columns = check_corrections(corrections, arguments.crops, class_ids)
    log.info("corrections by verdict: %s", dict(Counter(one.verdict for one in corrections.values())))
    write_table(arguments.output, CORRECTIONS, columns, stamp(arguments))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corrections", required=True, metavar="FILE", help="csv with the columns mask_id, verdict, class"
    )
    parser.add_argument(
        "--crops", required=True, nargs="+", metavar="FILE", help="crops tables of all shards (Parquet)"
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes: names and ids")
    parser.add_argument("--output", required=True, metavar="FILE", help="table of corrections (Parquet)")
    add_code_digest(parser)
    run_job(main, parser)

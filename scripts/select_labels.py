"""Apply the thresholds of one variant to the crops of one shard."""

import argparse
import logging
from collections import Counter

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.schemas.corrections import CORRECTIONS
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table, write_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.labels.corrections import apply_corrections
from uvis_core.labels.select import select_labels

log = logging.getLogger("uvis")
MASKS_COLUMNS = ("mask_id", "height_px", "width_px", "area_px", "objectness")
CROPS_COLUMNS = ("mask_id", "video_id", "frame_index", "class_id", "class_score")


def main(arguments: argparse.Namespace) -> None:
    """Select the labels of the shard that the command line names."""
    settings = read_settings(arguments, LabelsSettings)
    columns = select_labels(
        read_table(arguments.masks, MASKS, MASKS_COLUMNS),
        read_table(arguments.crops, CROPS, CROPS_COLUMNS),
        read_table(arguments.similarities, SIMILARITIES),
        settings,
        class_thresholds(settings, read_vocabulary(arguments.vocabulary)),
    )
    if arguments.corrections is not None:
        columns = apply_corrections(columns, read_table(arguments.corrections, CORRECTIONS))
    log.info("crops by verdict: %s", dict(Counter(columns["reason"].tolist()).most_common()))
    write_table(arguments.output, LABELS, columns, stamp(arguments, settings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masks", required=True, metavar="FILE", help="masks table of the shard (Parquet)")
    parser.add_argument("--crops", required=True, metavar="FILE", help="crops table of the shard (Parquet)")
    parser.add_argument(
        "--similarities", required=True, metavar="FILE", help="similarities table of the shard"
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes: names and ids")
    parser.add_argument(
        "--corrections", metavar="FILE", help="table of corrections by hand, which go before the thresholds"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="labels table (Parquet)")
    add_code_digest(parser)
    add_settings(parser, LabelsSettings)
    run_job(main, parser)

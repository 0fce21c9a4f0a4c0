"""All bad inputs by area; an area is a module here with its list ``CASES``."""

from tests.bad_inputs import (
    annotations,
    by_hand,
    checkpoints,
    davis,
    predictions,
    tables,
    track_tables,
    vocabulary,
    weights,
    wrong_tables,
)
from tests.bad_inputs.case import BadInput

AREAS: dict[str, list[BadInput]] = {
    "Vocabularies": vocabulary.CASES,
    "Predictions: results json": predictions.CASES,
    "Predictions: tables of tracks": track_tables.CASES,
    "Truth: YTVIS and OVIS json": annotations.CASES,
    "Truth: folders of DAVIS": davis.CASES,
    "Tables between the stages": tables.CASES,
    "Weights": weights.CASES,
    "Checkpoints": checkpoints.CASES,
    "Scripts by hand: missing files, outputs": by_hand.CASES,
    "Scripts by hand: wrong and empty tables": wrong_tables.CASES,
}

"""All bad inputs by area; an area is a module here with its list ``CASES``."""

from tests.bad_inputs import predictions, track_tables, vocabulary
from tests.bad_inputs.case import BadInput

AREAS: dict[str, list[BadInput]] = {
    "Vocabularies": vocabulary.CASES,
    "Predictions: results json": predictions.CASES,
    "Predictions: tables of tracks": track_tables.CASES,
}

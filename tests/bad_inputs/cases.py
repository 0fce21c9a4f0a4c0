"""All bad inputs by area; an area is a module here with its list ``CASES``."""

from tests.bad_inputs import (
    annotations,
    by_hand,
    checkpoints,
    configuration,
    configuration_files,
    davis,
    images,
    pictures,
    predictions,
    starts,
    tables,
    track_tables,
    video_names,
    videos,
    vocabulary,
    weights,
    wrong_tables,
    ytvis_sources,
)
from tests.bad_inputs.case import BadInput

AREAS: dict[str, list[BadInput]] = {
    "Videos": videos.CASES,
    "Names of videos and paths to them": video_names.CASES,
    "Folders of images": images.CASES,
    "Folders of pictures": pictures.CASES,
    "Data sets in YTVIS layout": ytvis_sources.CASES,
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
    "Values of the configuration": configuration.CASES,
    "Recipes of the training, and what they start from": starts.CASES,
    "Files of the configuration": configuration_files.CASES,
}

"""All bad inputs by area; an area is a module here with its list ``CASES``."""

from tests.bad_inputs import (
    configuration,
    configuration_files,
    images,
    video_names,
    videos,
    vocabulary,
    ytvis_sources,
)
from tests.bad_inputs.case import BadInput

AREAS: dict[str, list[BadInput]] = {
    "Videos": videos.CASES,
    "Names of videos and paths to them": video_names.CASES,
    "Folders of images": images.CASES,
    "Data sets in YTVIS layout": ytvis_sources.CASES,
    "Vocabularies": vocabulary.CASES,
    "Values of the configuration": configuration.CASES,
    "Files of the configuration": configuration_files.CASES,
}

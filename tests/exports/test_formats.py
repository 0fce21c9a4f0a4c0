from typing import get_args

from uvis_core.config.exports import ExportFormat, ExportsSettings
from uvis_core.exports.formats import FORMATS


def test_every_format_of_the_configuration_can_be_written() -> None:
    assert set(FORMATS) == set(get_args(ExportFormat))
    assert set(FORMATS["ytvis"]) == set(ExportsSettings().of)

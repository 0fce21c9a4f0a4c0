"""The registry of published weights, kept as data in ``known.json``.

Read while the workflow is parsed: nothing slow is imported here, and nothing is fetched.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from uvis_core.config.base import Settings, WeightsRole, validated
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

REGISTRY = Path(__file__).with_name("known.json")


class KnownWeights(Settings):
    """One published file."""

    roles: tuple[WeightsRole, ...] = Field(min_length=1, description="What it can be set for.")
    what: str = Field(description="The model, in a few words.")
    address: str = Field(pattern=r"^https://", description="Where it is fetched from.")
    file: str = Field(pattern=r"^[\w.-]+$", description="Its name in the folder of weights.")
    size_bytes: int | None = Field(description="Size; null where none is published.")
    sha256: str | None = Field(
        pattern=r"^[0-9a-f]{8,64}$",
        description="Its SHA-256, or as many leading digits as are published; null where none is.",
    )
    licence: str = Field(description="Licence of the weights.")
    use: str = Field(description="What that licence lets one do.")
    stride_in_1x1: bool | None = Field(
        None, description="Where a ResNet has its strides, which its tensors do not tell."
    )
    converted_from: Literal["minvis"] | None = Field(
        None, description="Layout from which it has to be converted before a stage can load it."
    )


@cache
def registry() -> dict[str, KnownWeights]:
    """All known names."""
    return {
        name: validated(KnownWeights, entry, f"{REGISTRY.name}, {name}")
        for name, entry in read_json(REGISTRY).items()
    }


def known(name: str) -> KnownWeights:
    """The entry of a name.

    Raises:
        UserError: There is no such name; lists those there are.
    """
    if name not in registry():
        raise UserError(
            f"no weights are known by the name {name!r}", fix=f"known names: {', '.join(registry())}"
        )
    return registry()[name]


def local_file(name: str, folder: Path | str) -> Path:
    """Where the published file lies once it is fetched."""
    return Path(folder) / known(name).file


def loadable_file(name: str, folder: Path | str) -> Path:
    """What a stage loads: the published file, or what it is converted to."""
    if known(name).converted_from:
        return Path(folder) / name / "model.safetensors"
    return local_file(name, folder)

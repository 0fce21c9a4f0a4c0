"""What masks and crops have in common where both look through a self-supervised vision transformer."""

from typing import Literal

PatchFeatures = Literal["tokens", "keys"]

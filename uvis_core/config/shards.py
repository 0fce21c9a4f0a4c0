"""Into how many shards the videos of each split are divided."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from uvis_core.config.base import Settings

MOST_SHARDS = 4096


class ShardsSettings(Settings):
    """Jobs per stage, by split; one number is for both, and a block laid over a number keeps nothing of it."""

    train: int = Field(16, ge=1, le=MOST_SHARDS, description="Of the videos that are labelled.")
    test: int | None = Field(
        None,
        ge=1,
        le=MOST_SHARDS,
        description="Of the videos that are tracked, where they are others; null for as many. Every job starts "
        "anew, some seconds each, so that a small split is best in few.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_number_for_both(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | ShardsSettings) else {"train": value}

    def of(self, split: str) -> int:
        """Shards of a split."""
        return self.test if split == "test" and self.test is not None else self.train

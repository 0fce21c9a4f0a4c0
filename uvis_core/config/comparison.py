"""Settings of the tables that compare what each component is worth."""

from pydantic import Field

from uvis_core.config.base import Settings


class ComparisonSettings(Settings):
    """Rows of the tables by the names that the published rows have; other names become rows of their own."""

    main: dict[str, str] = Field({}, description="Whole systems: row and name under experiments.")
    ablation: dict[str, str] = Field(
        {}, description="One component more in each row: row and name under experiments."
    )
    tau: dict[str, str] = Field(
        {}, description="Values of the prototype filter's threshold: row and name under experiments."
    )
    memory: dict[str, str] = Field(
        {}, description="Without and with the tracking memory: row and name under experiments."
    )
    labels: dict[str, str] = Field(
        {}, description="Quality of the pseudo-labels: row and name under labels.variants."
    )
    videocutler: dict[str, str] = Field(
        {}, description="Class-agnostic systems, by AP: row and name under experiments."
    )
    davis: dict[str, str] = Field(
        {}, description="Class-agnostic systems, by J and F: row and name under experiments."
    )

"""The one definition of the configuration: every stage's settings, joined and checked against each other."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from uvis_core.config.base import Settings, validated
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.config.compute import ComputeSettings
from uvis_core.config.crops import CropsSettings
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.config.exports import ExportsSettings
from uvis_core.config.frames import FramesSettings, SourceSettings, check_sampling
from uvis_core.config.labels import LabelsSettings
from uvis_core.config.masks import MasksSettings
from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.config.report import ReportSettings
from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.config.toy import ToySettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.config.training import TrainingSettings

OBJECT_VOCABULARY = "vocabularies/object.txt"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class Sources(Settings):
    """Where the videos come from."""

    obtain: str | None = Field(
        None,
        description="What to download and where to put it: said when a file or folder of a source is missing.",
    )

    train: SourceSettings = Field(description="Videos that are pseudo-labelled and trained on.")
    test: SourceSettings | None = Field(
        None, description="Videos that are tracked and evaluated; null tracks the training videos themselves."
    )
    split: LabelledSplitSettings | None = Field(
        None,
        description="The labelled split: divides the annotated json of sources.train (kind ytvis, the json as path and "
        "as truth; sources.test null) by video into sub-train, which becomes train, and sub-val, which becomes test. "
        "{} takes the defaults.",
    )

    @model_validator(mode="after")
    def _split_has_labels(self) -> "Sources":
        if self.split is not None:
            if self.train.kind != "ytvis" or self.train.truth != self.train.path:
                raise ValueError(
                    "split divides an annotated json: train needs kind ytvis and the same json as path and truth"
                )
            if self.test is not None:
                raise ValueError("split makes the test videos out of those of train: set test to null")
        return self


class LabelsVariants(Settings):
    """Named settings of the labels stage."""

    variants: dict[Name, LabelsSettings] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )


class TrainingVariants(Settings):
    """Named settings of the training stage."""

    variants: dict[Name, TrainingSettings] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )


class TracksVariants(Settings):
    """Named settings of the tracks stage."""

    variants: dict[Name, TracksSettings] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )


class Experiment(Settings):
    """One labels variant, the training variant that learns from it, and one tracks variant."""

    labels: Name = Field(description="A name under labels.variants.")
    training: Name | None = Field(
        None, description="A name under training.variants; null where the tracker needs no trained model."
    )
    tracks: Name = Field(description="A name under tracks.variants.")


class Configuration(Settings):
    """The whole configuration of a run."""

    dataset: Name = Field(description="Names the run: results go to {results}/{dataset}.")
    results: str = Field("results", min_length=1, description="Folder of all results.")
    weights_folder: str = Field(
        "weights",
        min_length=1,
        description="Folder of fetched weights: `snakemake weights` fills it, and every stage reads from it.",
    )
    shards: int = Field(
        16,
        ge=1,
        le=4096,
        description="Jobs per stage and split; a video's shard is a hash of its id, so changing this redoes "
        "everything. 16 to 64 shards of 10 to 60 minutes each suit a cluster, one per core a laptop.",
    )
    vocabulary: str | None = Field(
        description="Class names: .txt with one name per line, or .json with prompts and thresholds; null for no "
        "classes: everything found is an object.",
    )
    sources: Sources = Field(description="The videos, per split.")
    toy: ToySettings = Field(
        ToySettings(), description="The generated world that sources of kind toy are drawn from."
    )
    frames: FramesSettings = Field(
        FramesSettings(), description="Stage frames: which frames are taken, how they are stored."
    )
    masks: MasksSettings = Field(description="Stage masks: class-agnostic masks of every frame.")
    crops: CropsSettings = Field(description="Stage crops: embedding and class scores of every crop.")
    prototypes: PrototypesSettings = Field(
        PrototypesSettings(), description="Stage prototypes: K-Means per class."
    )
    labels: LabelsVariants = Field(description="Stage labels: the thresholds, in named variants.")
    training: TrainingVariants = Field(
        description="Stage training: the video instance segmentation model, in named variants."
    )
    tracks: TracksVariants = Field(description="Stage tracks: how instances are followed, in named variants.")
    evaluation: EvaluationSettings = Field(
        EvaluationSettings(), description="Stage evaluation: the protocol."
    )
    exports: ExportsSettings = Field(
        ExportsSettings(), description="Stage exports: what is written in the formats of others."
    )
    report: ReportSettings = Field(ReportSettings(), description="Stage report: what the page shows.")
    experiments: dict[Name, Experiment] = Field(
        min_length=1, description="Named triples of a labels, a training and a tracks variant."
    )
    run: list[Name] = Field(
        min_length=1, description="Experiments of the default target; the first one is the report's main one."
    )
    seeds: list[Annotated[int, Field(ge=0)]] = Field(
        [0], min_length=1, description="Training seeds; the default target takes the first, tables takes all."
    )
    comparison: ComparisonSettings = Field(
        ComparisonSettings(), description="Target tables: what is compared beside the published figures."
    )
    compute: ComputeSettings = Field(
        ComputeSettings(), description="Device and batch sizes; these rerun nothing."
    )

    @model_validator(mode="after")
    def _parts_meet(self) -> "Configuration":
        for name, experiment in self.experiments.items():
            for stage in ("labels", "training", "tracks"):
                variant, variants = getattr(experiment, stage), getattr(self, stage).variants
                if variant is not None and variant not in variants:
                    raise ValueError(
                        f"experiments.{name}.{stage}: {variant!r} is not among {stage}.variants {sorted(variants)}"
                    )
            needs_model = self.tracks.variants[experiment.tracks].needs_model
            if needs_model != (experiment.training is not None):
                raise ValueError(
                    f"experiments.{name}.training: {experiment.training!r}, but tracks variant {experiment.tracks!r} "
                    + (
                        f"follows a trained model: name one of training.variants {sorted(self.training.variants)}"
                        if needs_model
                        else "links the labels themselves: set it to null"
                    )
                )
        if self.crops.backend == "vit" and self.vocabulary is not None:
            raise ValueError(
                "crops.backend vit cannot tell classes apart by their names: set vocabulary to null, or "
                "crops.backend to open_clip"
            )
        for source in filter(None, (self.sources.train, self.sources.test)):
            check_sampling(self.frames, source)
        for name in self.run:
            if name not in self.experiments:
                raise ValueError(f"run: {name!r} is not among experiments {sorted(self.experiments)}")
        for table, rows in self.comparison:
            place, known = (
                ("labels.variants", set(self.labels.variants))
                if table == "labels"
                else ("experiments", set(self.experiments))
            )
            for row, name in rows.items():
                if name not in known:
                    raise ValueError(
                        f"comparison.{table}.{row}: {name!r} is not among {place} {sorted(known)}"
                    )
        return self

    @property
    def vocabulary_file(self) -> str:
        """The class names as a file; without any, that of the one class "object"."""
        return self.vocabulary or OBJECT_VOCABULARY

    @property
    def test_split(self) -> str:
        """The split that is tracked: test, or train where there are no videos of its own for it."""
        return "test" if self.sources.test or self.sources.split else "train"

    def source(self, split: str) -> SourceSettings:
        """The source of a split's videos and truth; both parts of the labelled split have that of train."""
        return self.sources.test if split == "test" and self.sources.test else self.sources.train


def load_configuration(values: Mapping[str, Any]) -> Configuration:
    """Check a configuration as Snakemake merged it from config.yaml, presets and the command line.

    Raises:
        UserError: Names every wrong key, its value and what is allowed.
    """
    return validated(Configuration, dict(values), "configuration")

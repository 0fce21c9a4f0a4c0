"""The one definition of the configuration: every stage's settings, joined and checked against each other."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from uvis_core.config.base import Misfit, Settings, each_once, validated
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.config.compute import ComputeSettings
from uvis_core.config.crops import CropsSettings
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.config.experiments import (
    Experiment,
    LabelsVariants,
    Name,
    TracksVariants,
    TrainingVariants,
    check_all_used,
    check_experiments,
    check_references,
)
from uvis_core.config.exports import ExportsSettings
from uvis_core.config.frames import FramesSettings, SourceSettings, check_sampling
from uvis_core.config.labels import check_floor
from uvis_core.config.masks import MasksSettings
from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.config.report import ReportSettings
from uvis_core.config.shards import ShardsSettings
from uvis_core.config.sources import Sources
from uvis_core.config.toy import ToySettings
from uvis_core.config.training import check_processes

OBJECT_VOCABULARY = "vocabularies/object.txt"
# How YAML writes null. What stands inside braces after --config reaches the configuration as text.
NULLS = frozenset({"null", "Null", "NULL", "~"})
# Where names are defined, each of which a file that is laid over another may set to null to take it out.
NAMED = (
    "labels.variants",
    "training.variants",
    "tracks.variants",
    "experiments",
    "comparison",
    *(f"comparison.{table}" for table in ComparisonSettings.model_fields),
)


class Configuration(Settings):
    """The whole configuration of a run."""

    dataset: Name = Field(description="Names the run: results go to {results}/{dataset}.")
    results: str = Field("results", min_length=1, description="Folder of all results.")
    weights_folder: str = Field(
        "weights",
        min_length=1,
        description="Folder of fetched weights: `snakemake weights` fills it, and every stage reads from it.",
    )
    shards: ShardsSettings = Field(
        ShardsSettings(),
        description="Jobs per stage and split: one number, or one per split. A video's shard is a hash of its id, so "
        "changing this redoes everything. 16 to 64 shards of 10 to 60 minutes each suit a cluster, one per core a "
        "laptop.",
    )
    vocabulary: Annotated[str, Field(min_length=1)] | None = Field(
        description="Class names: .txt with one name per line, or .json with aliases and prompts; null for no "
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
        min_length=1,
        description="Named triples of a labels, a training and a tracks variant. Here, under variants and under "
        "comparison a name set to null takes one out that a file below defines.",
    )
    run: Annotated[list[Name], AfterValidator(each_once)] = Field(
        min_length=1, description="Experiments of the default target; the first one is the report's main one."
    )
    seeds: Annotated[list[Annotated[int, Field(ge=0)]], AfterValidator(each_once)] = Field(
        [0], min_length=1, description="Training seeds; the default target takes the first, tables takes all."
    )
    comparison: ComparisonSettings = Field(
        ComparisonSettings(), description="Target tables: what is compared beside the published figures."
    )
    compute: ComputeSettings = Field(
        ComputeSettings(), description="Device and batch sizes; these rerun nothing."
    )

    @model_validator(mode="after")
    def _names_meet(self) -> "Configuration":
        check_experiments(self.experiments, self.labels, self.training, self.tracks)
        check_references(self.run, self.comparison, self.experiments, self.labels)
        check_all_used(
            self.run,
            self.comparison,
            self.experiments,
            labels=self.labels.variants,
            training=self.training.variants,
            tracks=self.tracks.variants,
        )
        return self

    @model_validator(mode="after")
    def _stages_meet(self) -> "Configuration":
        if self.crops.backend == "vit" and self.vocabulary is not None:
            raise ValueError(
                "crops.backend vit cannot tell classes apart by their names: set vocabulary to null, or "
                "crops.backend to open_clip"
            )
        for source in filter(None, (self.sources.train, self.sources.test)):
            check_sampling(self.frames, source)
        labelling = [name for name in self.run if self.experiments[name].labels is not None]
        if self.sources.train is None and labelling:
            raise Misfit(
                f"sources.train: null, but experiments {labelling} of the run need videos to label",
                fix="give their source, or run experiments whose model is given (training.variants.<name>.checkpoint)",
            )
        for name, labels in self.labels.variants.items():
            check_floor(f"labels.variants.{name}", labels, self.masks.objectness_floor)
        for name, training in self.training.variants.items():
            key = f"training.variants.{name}"
            check_processes(key, training, self.compute.training_gpus, self.compute.training_nodes)
        return self

    @property
    def vocabulary_file(self) -> str:
        """The class names as a file; without any, that of the one class "object"."""
        return self.vocabulary or OBJECT_VOCABULARY

    @property
    def test_split(self) -> str:
        """The split that is tracked: test, or train where there are no videos of its own for it."""
        return "test" if self.sources.test or self.sources.split else "train"

    @property
    def splits(self) -> list[str]:
        """The splits that have videos: train unless nothing is labelled, and the one that is tracked."""
        return list(dict.fromkeys([*(["train"] if self.sources.train else []), self.test_split]))

    def source(self, split: str) -> SourceSettings:
        """The source of a split's videos and truth; both parts of the labelled split have that of train."""
        source = self.sources.test if split == "test" and self.sources.test else self.sources.train
        if source is None:
            raise KeyError(f"sources.{split} is null")
        return source

    def trains(self, experiment: Experiment) -> bool:
        """Whether an experiment trains a model of its own."""
        variant = experiment.training
        return variant is not None and self.training.variants[variant].checkpoint is None


def load_configuration(values: Mapping[str, Any]) -> Configuration:
    """Check a configuration as Snakemake merged it from config.yaml, presets and the command line.

    Raises:
        UserError: Names every wrong key, its value and what is allowed.
    """
    return validated(Configuration, _without_removed(_with_nulls(values)), "configuration")


def _without_removed(values: dict[str, Any]) -> dict[str, Any]:
    """The same configuration less the names set to null: files lie over each other, and none could be taken away."""
    removed = dict(values)
    for place in NAMED:
        removed = _less_nulls(removed, place.split("."))
    return removed


def _less_nulls(block: dict[str, Any], place: list[str]) -> dict[str, Any]:
    if not place:
        return {key: value for key, value in block.items() if value is not None}
    inner = block.get(place[0])
    return {**block, place[0]: _less_nulls(inner, place[1:])} if isinstance(inner, dict) else block


def _with_nulls(value: Any) -> Any:
    """The same value in which texts that YAML reads as null are None."""
    if isinstance(value, Mapping):
        return {key: _with_nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_nulls(inner) for inner in value]
    return None if isinstance(value, str) and value in NULLS else value

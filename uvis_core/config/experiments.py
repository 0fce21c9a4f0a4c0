"""Settings of the experiments: named variants of three stages, put together, and what refers to them."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from uvis_core.config.base import Settings
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.config.faults import Misfit, close_to
from uvis_core.config.labels import LabelsSettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.config.training import TrainingVariant

LONGEST_NAME = 80
"""Three names make the name of one folder, for which file systems take 255 bytes."""


def _folder_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", name) or len(name) > LONGEST_NAME:
        shown = f"{name[:LONGEST_NAME]}…" if len(name) > LONGEST_NAME else name
        raise Misfit(
            f"{shown!r} cannot name a folder of results",
            fix=f"use up to {LONGEST_NAME} of the characters a-z, 0-9 and _, beginning with none of the last",
        )
    return name


Name = Annotated[str, AfterValidator(_folder_name)]


class LabelsVariants(Settings):
    """Named settings of the labels stage."""

    variants: dict[Name, LabelsSettings] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )
    corrections: str | None = Field(
        None,
        min_length=1,
        description="Corrections by hand, of the labels of every variant: a csv with the columns mask_id, verdict "
        "(accept, reject or rename) and class (of a rename, its name); null where there are none (docs/exports.md).",
    )


class TrainingVariants(Settings):
    """Named settings of the training stage."""

    variants: dict[Name, TrainingVariant] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )

    @model_validator(mode="after")
    def _sizes_of_starts(self) -> Self:
        """A variant that starts from another and names no sizes has that one's."""
        for name in self.variants:
            chain = [name]
            while _takes_sizes(self.variants[chain[-1]]) and (start := self.variants[chain[-1]].start):
                if start not in self.variants or start in chain:
                    break  # Told by ``chain_of``.
                chain.append(start)
            sizes = self.variants[chain[-1]].model
            if len(chain) > 1:
                self.variants[name] = self.variants[name].model_copy(update={"model": sizes})
        return self


def _takes_sizes(variant: TrainingVariant) -> bool:
    return variant.start is not None and "model" not in variant.model_fields_set


class TracksVariants(Settings):
    """Named settings of the tracks stage."""

    variants: dict[Name, TracksSettings] = Field(
        min_length=1, description="Each name becomes a folder of results."
    )


class Experiment(Settings):
    """One labels variant, the training variant that learns from it, and one tracks variant."""

    labels: Name | None = Field(
        None, description="A name under labels.variants; null where the model is a given one, a checkpoint."
    )
    training: Name | None = Field(
        None, description="A name under training.variants; null where the tracker needs no trained model."
    )
    tracks: Name = Field(description="A name under tracks.variants.")


def chain_of(variants: Mapping[str, TrainingVariant], name: str) -> list[str]:
    """A training variant, the one that it starts from, the one that this starts from, and so on.

    Raises:
        Misfit: One of them is defined nowhere, is no training, has other sizes, or starts from itself in the end.
    """
    chain = [name]
    while (start := variants[chain[-1]].start) is not None:
        place = f"training.variants.{chain[-1]}.start"
        _check_known(place, start, "training.variants", variants)
        if start in chain:
            raise Misfit(
                f"{place}: {start!r} starts from this very variant: {' from '.join([*chain, start])}",
                fix="let one of them start from initial or from random weights: take its key start out",
            )
        given = variants[start].checkpoint
        if given is not None:
            raise Misfit(
                f"{place}: {start!r} is a finished model (its key checkpoint), which no training of this run makes",
                fix=f"set initial to {given} in the place of start",
            )
        if variants[start].model != variants[chain[-1]].model:
            raise Misfit(
                f"{place}: the network of {start!r} has other sizes than this one",
                fix="leave the block model out here, which takes that one's, or give both the same",
            )
        chain.append(start)
    return chain


def check_experiments(
    experiments: Mapping[str, Experiment],
    labels: LabelsVariants,
    training: TrainingVariants,
    tracks: TracksVariants,
) -> None:
    """Refuse an experiment of variants that do not exist or do not fit together.

    Raises:
        Misfit: Names the experiment and the variants that there are.
    """
    for name in training.variants:
        chain_of(training.variants, name)
    for name, experiment in experiments.items():
        place = f"experiments.{name}"
        if experiment.labels is not None:
            _check_known(f"{place}.labels", experiment.labels, "labels.variants", labels.variants)
        _check_known(f"{place}.tracks", experiment.tracks, "tracks.variants", tracks.variants)
        if experiment.training is not None:
            _check_known(f"{place}.training", experiment.training, "training.variants", training.variants)
            if training.variants[experiment.training].class_agnostic:
                raise Misfit(
                    f"{place}.training: {experiment.training!r} is class_agnostic: its model tells no classes apart",
                    fix=f"name a variant that starts from it (start: {experiment.training}), or take its key out",
                )
        _check_labels(name, experiment, training)
        needs_model = tracks.variants[experiment.tracks].needs_model
        if needs_model and experiment.training is None:
            raise Misfit(
                f"{place}.training: null, but tracks variant {experiment.tracks!r} follows a trained model",
                fix=f"name one of training.variants {sorted(training.variants)}",
            )
        if not needs_model and experiment.training is not None:
            raise Misfit(
                f"{place}.training: {experiment.training!r}, but tracks variant {experiment.tracks!r} links the "
                "labels themselves",
                fix="set it to null",
            )


def _check_labels(name: str, experiment: Experiment, training: TrainingVariants) -> None:
    """Labels are what a model is trained on, or what is linked; a given model needs none."""
    variant = training.variants[experiment.training] if experiment.training is not None else None
    given = variant is not None and variant.checkpoint is not None
    if given and experiment.labels is not None:
        raise Misfit(
            f"experiments.{name}.labels: {experiment.labels!r}, but training variant {experiment.training!r} is a "
            "finished model (its key checkpoint)",
            fix="set it to null",
        )
    if not given and experiment.labels is None:
        raise Misfit(
            f"experiments.{name}.labels: null, but its model is not given",
            fix="name one of labels.variants, or a training variant with the key checkpoint",
        )


def check_references(
    run: Collection[str],
    comparison: ComparisonSettings,
    experiments: Collection[str],
    labels: LabelsVariants,
) -> None:
    """Refuse a run or a comparison of what is defined nowhere.

    Raises:
        Misfit: Names the key, the name and those that there are.
    """
    for name in run:
        _check_known("run", name, "experiments", experiments)
    for table, rows in comparison:
        for row, name in rows.items():
            if table == "labels":
                _check_known(f"comparison.labels.{row}", name, "labels.variants", labels.variants)
            else:
                _check_known(f"comparison.{table}.{row}", name, "experiments", experiments)


def check_all_used(
    run: Collection[str],
    comparison: ComparisonSettings,
    experiments: Mapping[str, Experiment],
    training: Mapping[str, TrainingVariant],
    **variants: Collection[str],
) -> None:
    """Refuse an experiment or a variant that nothing uses: mostly it is a typo in the name of another one.

    Args:
        run: Experiments of the default target.
        comparison: Rows by experiment, and those of labels by variant.
        experiments: All of them.
        training: All training variants; one that another starts from is used.
        variants: Names by stage: labels, tracks.

    Raises:
        Misfit: Names it, and one that it resembles.
    """
    compared = {name for table, rows in comparison if table != "labels" for name in rows.values()}
    _check_used(
        "experiments", experiments, {*run, *compared}, "name it under run or in a table under comparison"
    )
    for stage, names in {**variants, "training": training}.items():
        used = {getattr(experiment, stage) for experiment in experiments.values()} - {None}
        way = "name it in an experiment"
        if stage == "labels":
            used |= set(comparison.labels.values())
            way += " or under comparison.labels"
        elif stage == "training":
            used |= {start for name in used for start in chain_of(training, name)}
            way += " or as the start of another one"
        _check_used(f"{stage}.variants", names, used, way)


def _check_known(key: str, name: str, place: str, known: Collection[str]) -> None:
    if name not in known:
        raise Misfit(
            f"{key}: {name!r} is not among {place} {sorted(known)}",
            fix=f"{close_to(name, known)}name one of them, or define it under {place}",
        )


def _check_used(place: str, defined: Collection[str], used: Collection[str], way: str) -> None:
    for name in defined:
        if name not in used:
            raise Misfit(
                f"{place}.{name}: nothing uses it, used are {sorted(used)}",
                fix=f"{close_to(name, used)}{way}, or remove it",
            )

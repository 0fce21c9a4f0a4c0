"""What one page of the browser is looking at; other pages have a state of their own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from nicegui import ui

from uvis_core.config.labels import ClassThresholds, LabelsSettings
from uvis_core.explorer.distributions import SCORES
from uvis_core.explorer.verdicts import Overrides, VerdictCounts
from uvis_core.explorer.workspace import SplitData, Workspace
from uvis_core.io.corrections import Verdict
from uvis_core.io.errors import UserError

DONE = {"accept": "accepted", "reject": "rejected", "rename": "renamed"}


@dataclass
class PageState:
    """State of one page.

    Attributes:
        workspace: What all pages share.
        split: The split that is looked at.
        variant: The labels variant whose thresholds are the starting point.
        settings: The thresholds as they are tuned.
        selected: Mask ids that are chosen in the galleries.
        whole_tracks: Whether a correction goes to all labels of the object's track.
        on_tuned: Called when thresholds changed.
        on_corrected: Called after every correction.
        on_selected: Called when the choice changed.
        on_split: Called when other videos are looked at.
        show_video: Opens part See at a video (its place in ``Rows.video_names``) and a frame index.
        see: The same, once that part is built.
    """

    workspace: Workspace
    split: str
    variant: str
    settings: LabelsSettings
    selected: set[int] = field(default_factory=set)
    whole_tracks: bool = False
    on_tuned: list[Callable[[], None]] = field(default_factory=list)
    on_corrected: list[Callable[[], None]] = field(default_factory=list)
    on_selected: list[Callable[[], None]] = field(default_factory=list)
    on_split: list[Callable[[], None]] = field(default_factory=list)
    show_video: Callable[[int, int], None] = lambda video, frame_index: None
    see: Callable[[int, int], None] = lambda video, frame_index: None
    _counts: dict[str, VerdictCounts] = field(default_factory=dict)

    @property
    def data(self) -> SplitData:
        """The split that is looked at."""
        return self.workspace.splits[self.split]

    @property
    def overrides(self) -> Overrides:
        """Thresholds of single classes by class id."""
        return self.workspace.overrides(self.settings)

    @property
    def made_with(self) -> LabelsSettings:
        """The thresholds with which the run made the variant."""
        return self.workspace.variants[self.variant]

    def counts(self, settings: LabelsSettings) -> np.ndarray:
        """Labels by class and verdict, int64 (C, criteria + 1)."""
        counter = self._counts.setdefault(self.split, VerdictCounts(self.data.rows))
        return counter.count(settings, self.workspace.overrides(settings))

    def threshold(self, score: str, name: str | None) -> float | None:
        """The threshold of a class, or of all classes; None where it is switched off."""
        general = getattr(self.settings, score)
        own = self.settings.classes.get(name) if name is not None else None
        moved = getattr(own, score) if own is not None else None
        return general if general is None or moved is None else moved

    def set_threshold(self, score: str, name: str | None, value: float | None) -> None:
        """Set the threshold of all classes, or one class's own."""
        if name is None:
            self._set(self.settings.model_copy(update={score: value}))
        else:
            own = self.settings.classes.get(name, ClassThresholds()).model_copy(update={score: value})
            self._set(self.settings.model_copy(update={"classes": {**self.settings.classes, name: own}}))

    def drop_own(self, name: str) -> None:
        """Let a class have no thresholds of its own."""
        classes = {other: own for other, own in self.settings.classes.items() if other != name}
        self._set(self.settings.model_copy(update={"classes": classes}))

    def has_own(self, name: str) -> bool:
        """Whether a class has a threshold of its own."""
        own = self.settings.classes.get(name)
        return own is not None and any(getattr(own, score) is not None for score in SCORES)

    def take_variant(self, variant: str) -> None:
        """Begin again with the thresholds of a variant."""
        self.variant = variant
        self._set(self.made_with)

    def take_split(self, split: str) -> None:
        """Look at another split."""
        self.split = split
        self.selected.clear()
        for tell in [*self.on_split, *self.on_selected]:
            tell()

    def select(self, mask_ids: Iterable[int], chosen: bool) -> None:
        """Choose labels for the next correction, or not any more."""
        if chosen:
            self.selected.update(mask_ids)
        else:
            self.selected.difference_update(mask_ids)
        for tell in self.on_selected:
            tell()

    def correct(self, mask_ids: Iterable[int], verdict: Verdict, class_name: str = "") -> None:
        """Correct labels, or all labels of their tracks where that is asked for, and say so."""
        wanted = set(mask_ids)
        if self.whole_tracks:
            rows = self.data.rows
            chains = [self.data.chain_of(row) for one in wanted if (row := rows.row_of(one)) is not None]
            wanted = {int(one) for chain in chains for one in rows.mask_ids[chain]}
        self.act(lambda: self.workspace.corrections.apply(sorted(wanted), verdict, class_name), DONE[verdict])

    def act(self, action: Callable[[], int], done: str) -> None:
        """Change the corrections; what cannot be done is said in words."""
        try:
            count = action()
        except UserError as error:
            ui.notify(str(error), type="negative", multi_line=True)
            return
        ui.notify(
            f"{count} label{'' if count == 1 else 's'} {done}" if count else "nothing to do", timeout=1500
        )
        for tell in self.on_corrected:
            tell()

    def _set(self, settings: LabelsSettings) -> None:
        self.settings = settings
        for tell in self.on_tuned:
            tell()

import numpy as np
import pytest

from uvis_core.evaluation.ytvis.protocols import PROTOCOLS
from uvis_core.io.annotations.model import TrueObject
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION


def names(protocol):
    return [figure.name for figure in PROTOCOLS[protocol].figures]


def test_names_of_the_figures():
    assert names("ytvis") == [
        "AP",
        "AP50",
        "AP75",
        "APs",
        "APm",
        "APl",
        "AR1",
        "AR10",
        "AR100",
        "ARs",
        "ARm",
        "ARl",
    ]
    assert len(names("ovis")) == 18
    assert {"AP_light", "AP_medium", "AP_heavy", "AR_light", "AR_medium", "AR_heavy"} <= set(names("ovis"))


@pytest.mark.parametrize(
    ("area", "bins"),
    [(1.0, ["all", "s"]), (128**2, ["all", "s", "m"]), (256**2, ["all", "m", "l"]), (1e6, ["all", "l"])],
)
def test_area_bins_include_both_ends(area, bins):
    track = TrueObject(1, 1, False, float(area), UNKNOWN_OCCLUSION)
    protocol = PROTOCOLS["ytvis"]
    assert [part.name for part in protocol.bins if not part.excludes_truths([track])[0]] == bins
    assert [part.name for part in protocol.bins if not part.excludes_predictions(np.array([area]))[0]] == bins


@pytest.mark.parametrize(
    ("occlusion", "bins"),
    [
        (0.0, ["_light"]),
        (0.25, ["_light", "_medium"]),
        (0.4, ["_medium"]),
        (0.75, ["_heavy"]),
        (float("nan"), []),
    ],
)
def test_occlusion_bins(occlusion, bins):
    track = TrueObject(1, 1, False, 1.0, occlusion)
    parts = [part for part in PROTOCOLS["ovis"].bins if part.kind == "occlusion"]
    assert [part.name for part in parts if not part.excludes_truths([track])[0]] == bins
    assert not any(part.excludes_predictions(np.array([1.0]))[0] for part in parts)


def test_crowds_are_in_no_bin():
    crowd = TrueObject(1, 1, True, 1.0, 0.0)
    assert all(part.excludes_truths([crowd])[0] for part in PROTOCOLS["ovis"].bins)

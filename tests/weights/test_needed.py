import subprocess
import sys

import pytest

from uvis_core.config.crops import CropsSettings
from uvis_core.config.masks import MasksSettings
from uvis_core.config.model import ModelSettings
from uvis_core.config.training import TrainingSettings
from uvis_core.io.errors import UserError
from uvis_core.weights.known import local_file
from uvis_core.weights.needed import (
    check_files,
    check_weights,
    fetched_names,
    named_weights,
    open_clip_file,
    stage_files,
    with_local_files,
)

MASKS = MasksSettings(weights="cutler_cascade")
TAGGED = CropsSettings(model="ViT-B-32", weights="laion2b_s34b_b79k")
STRIDED = ModelSettings(downsample_in_bottleneck=True)


def test_keys_that_name_weights():
    settings = TrainingSettings(backbone="dino_resnet50")
    assert [tuple(named) for named in named_weights(settings)] == [
        ("backbone", ("backbone",), "dino_resnet50")
    ]


def test_known_names_become_files():
    assert with_local_files(MASKS, "w").weights == "w/cutler_cascade_final.pth"
    settings = TrainingSettings(backbone="own.pth", initial="minvis_ovis")
    local = with_local_files(settings, "w")
    assert (local.backbone, local.initial) == ("own.pth", "w/minvis_ovis/model.safetensors")
    assert local.model_copy(update={"initial": "minvis_ovis"}) == settings


def test_tags_keep_their_name_and_have_a_file():
    assert with_local_files(TAGGED, "w") == TAGGED
    assert str(open_clip_file(TAGGED, "w")) == "w/open_clip/ViT-B-32/laion2b_s34b_b79k.weights"
    assert stage_files(TAGGED, "w") == ["w/open_clip/ViT-B-32/laion2b_s34b_b79k.weights"]


def test_own_clip_files():
    own = CropsSettings(model="models/small.json", weights="models/small.safetensors")
    assert stage_files(own, "w") == ["models/small.safetensors", "models/small.json"]
    assert open_clip_file(own, "w") is None


def test_names_to_fetch_come_once():
    training = TrainingSettings(backbone="dino_resnet50")
    assert fetched_names(MASKS, TAGGED, training, training) == ["cutler_cascade", "dino_resnet50"]


@pytest.mark.parametrize(
    "settings",
    [
        MASKS,
        TAGGED,
        MasksSettings(weights="folder/any"),
        TrainingSettings(),
        TrainingSettings(backbone="msra_resnet50", model=STRIDED),
        MasksSettings(backend="maskcut", weights="dinov2_vits14"),
        CropsSettings(backend="vit", model="m", weights="dinov2_vits14"),
    ],
)
def test_sound_names_pass(settings):
    check_weights(settings, "stage")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            MasksSettings(weights="cutler_casade"),
            ["stage.weights", "'cutler_casade'", "did you mean cutler_cascade"],
        ),
        (MasksSettings(weights="dino_vits8"), ["'dino_vits8' is ViT-S/8", "cutler_cascade"]),
        (
            MasksSettings(backend="maskcut", weights="cutler_cascade"),
            ["'cutler_cascade' is CutLER", "dinov2_vits14"],
        ),
        (CropsSettings(backend="vit", model="m", weights="dinov2_vitl14"), ["did you mean dinov2_vits14"]),
        (TrainingSettings(backbone="resnet"), ["stage.backbone", "'resnet'", "torchvision_resnet50"]),
        (TrainingSettings(backbone="msra_resnet50"), ["first 1 x 1", "downsample_in_bottleneck to true"]),
        (
            TrainingSettings(backbone="dino_resnet50", model=STRIDED),
            ["3 x 3", "downsample_in_bottleneck to false"],
        ),
    ],
)
def test_names_that_do_not_fit_are_refused(settings, words):
    with pytest.raises(UserError) as caught:
        check_weights(settings, "stage")
    for word in words:
        assert word in str(caught.value)


def test_parsing_the_workflow_stays_quick():
    code = (
        "import sys, uvis_core.weights.needed;"
        "slow = {'torch', 'requests', 'huggingface_hub', 'pyarrow', 'open_clip'} & set(sys.modules);"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_vision_transformer_of_the_crops_is_fetched_like_any_other():
    settings = CropsSettings(backend="vit", model="vit_small_patch14_dinov2", weights="dinov2_vits14")
    assert stage_files(settings, "folder") == [str(local_file("dinov2_vits14", "folder"))]
    assert fetched_names(settings) == ["dinov2_vits14"]


@pytest.mark.parametrize("settings", [MASKS, TAGGED, TrainingSettings(initial="minvis_ovis")])
def test_fetched_files_are_held_to_what_they_were_at_first(settings, tmp_path):
    check_files(settings, tmp_path)
    assert list(tmp_path.iterdir()) == []
    names = fetched_names(settings)
    path = local_file(names[0], tmp_path) if names else open_clip_file(settings, tmp_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"first")
    check_files(settings, tmp_path)
    path.write_bytes(b"another")
    with pytest.raises(UserError, match="is not what it was at first") as caught:
        check_files(settings, tmp_path)
    assert str(path) in caught.value.message


def test_a_hand_made_file_is_not_taken_for_a_published_one(tmp_path):
    settings = TrainingSettings(backbone="torchvision_resnet50")
    local_file("torchvision_resnet50", tmp_path).write_bytes(b"own")
    with pytest.raises(UserError, match="expected 0676ba61") as caught:
        check_files(settings, tmp_path)
    assert "https://download.pytorch.org" in caught.value.fix


def test_own_files_are_not_pinned(tmp_path):
    path = tmp_path / "own.pth"
    path.write_bytes(b"first")
    check_files(MasksSettings(weights=str(path)), tmp_path)
    assert list(tmp_path.iterdir()) == [path]

import json
import math

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Mask2FormerForUniversalSegmentation

from tests.model.tiny import TINY, tiny_model
from uvis_core.config.model import ModelSettings
from uvis_core.io.errors import UserError
from uvis_core.model.checkpoint import (
    load_checkpoint,
    load_initial,
    save_checkpoint,
    shared_class_head,
)
from uvis_core.model.minvis import MinVIS
from uvis_core.model.usage import ModelUsage, check_vocabulary, read_usage


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_model((3, 9)), path)
    return path


def same(first: MinVIS, second: MinVIS) -> bool:
    other = second.network.state_dict()
    return all(torch.equal(value, other[name]) for name, value in first.network.state_dict().items())


def test_comes_back_as_it_was(saved):
    model = load_checkpoint(saved)
    assert model.class_ids == (3, 9)
    assert model.settings == TINY
    assert not model.training
    assert same(model, tiny_model((3, 9)))


def test_equal_models_give_equal_bytes(saved, tmp_path):
    again = tmp_path / "again" / "model.safetensors"
    save_checkpoint(tiny_model((3, 9)), again)
    assert again.read_bytes() == saved.read_bytes()
    assert again.with_name("config.json").read_bytes() == saved.with_name("config.json").read_bytes()


def test_opens_with_transformers(saved):
    network, report = Mask2FormerForUniversalSegmentation.from_pretrained(
        saved.parent, output_loading_info=True
    )
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert torch.equal(network.class_predictor.weight, tiny_model((3, 9)).network.class_predictor.weight)


def damaged(state, fault):
    name = "class_predictor.bias"
    if fault == "removed":
        del state[name]
    elif fault == "renamed":
        state["class_predictor.offset"] = state.pop(name)
    else:
        state[name] = state[name][:-1]
    return name


@pytest.mark.parametrize("fault", ["removed", "renamed", "reshaped"])
def test_tensor_that_does_not_fit_is_named(saved, fault):
    state = load_file(saved)
    name = damaged(state, fault)
    save_file(state, saved)
    with pytest.raises(UserError, match=name) as caught:
        load_checkpoint(saved)
    if fault == "renamed":
        assert "class_predictor.offset" in str(caught.value)


def test_foreign_config_is_refused(saved):
    saved.with_name("config.json").write_text(json.dumps({"model_type": "mask2former"}))
    with pytest.raises(UserError, match=r"config\.json"):
        load_checkpoint(saved)


def test_initial_model_of_the_same_classes_keeps_its_head(saved):
    model = tiny_model((3, 9), seed=1)
    load_initial(model, saved)
    assert same(model, tiny_model((3, 9)))


def test_initial_model_of_other_classes_gets_a_new_head(saved):
    model = tiny_model((1, 2, 3), seed=1)
    head = model.network.class_predictor.weight.clone()
    load_initial(model, saved)
    assert torch.equal(model.network.class_predictor.weight, head)
    queries = model.network.model.transformer_module.queries_features.weight
    assert torch.equal(queries, tiny_model((3, 9)).network.model.transformer_module.queries_features.weight)


def test_initial_model_without_classes_shares_its_head(tmp_path):
    path = tmp_path / "model.safetensors"
    source = tiny_model((1,))
    save_checkpoint(source, path)
    model = tiny_model((4, 5, 6), seed=1)
    load_initial(model, path)
    frames = torch.randn((1, 3, 64, 64))
    before = source(frames).class_logits[-1]
    after = model(frames).class_logits[-1]
    torch.testing.assert_close(after[..., -1], before[..., -1])
    torch.testing.assert_close(after[..., :-1].mean(-1), before[..., 0] - math.log(3))
    # Objects stay objects; classes differ, as otherwise none would be learnt by the layers before the head.
    object_before, object_after = (1 - logits.softmax(-1)[..., -1] for logits in (before, after))
    assert (object_after - object_before).abs().max() < 0.1
    assert after[..., :-1].std(-1).min() > 0


def test_shared_head_lies_around_the_one_class_and_keeps_other_tensors():
    state = {
        "class_predictor.weight": torch.eye(2),
        "class_predictor.bias": torch.zeros(2),
        "x": torch.ones(1),
    }
    fresh = {
        "class_predictor.weight": torch.tensor([[0.5, 0.0], [0.25, 0.5], [7.0, 7.0]]),
        "class_predictor.bias": torch.tensor([0.5, 0.0, 7.0]),
    }
    shared = shared_class_head(state, fresh)
    assert shared["class_predictor.weight"].tolist() == [[1.125, -0.25], [0.875, 0.25], [0, 1]]
    torch.testing.assert_close(
        shared["class_predictor.bias"], torch.tensor([0.25, -0.25, 0]) - torch.tensor([1, 1, 0]) * math.log(2)
    )
    assert shared["x"] is state["x"]


def test_initial_model_of_another_size_is_refused(saved):
    other = MinVIS(ModelSettings(**{**TINY.model_dump(), "queries": 6}), (3, 9))
    with pytest.raises(UserError, match="queries 5 instead of 6"):
        load_initial(other, saved)


def test_a_vocabulary_that_lacks_a_class_is_refused(saved, tmp_path):
    check_vocabulary(saved, [1, 3, 9])
    check_vocabulary(tmp_path / "weights" / "not_fetched_yet" / "model.safetensors", [1])
    with pytest.raises(UserError, match=r"classes \[9\], which are not in the vocabulary"):
        check_vocabulary(saved, [1, 3])


def test_what_is_kept_of_its_use_comes_back(saved):
    assert read_usage(saved) is None
    usage = ModelUsage(class_names=("cat", "dog"), tracks={"short_side_px": 64})
    save_checkpoint(tiny_model((3, 9)), saved, usage)
    assert read_usage(saved) == usage
    assert same(load_checkpoint(saved), tiny_model((3, 9)))


@pytest.mark.parametrize("recipe", ["minvis", "image", "videocutler"])
def test_the_recipe_comes_back_and_any_recipe_starts_any(saved, recipe):
    source = MinVIS(TINY, (3, 9), recipe=recipe)
    save_checkpoint(source, saved)
    assert load_checkpoint(saved).recipe == recipe
    model = MinVIS(TINY, (3, 9), recipe="videocutler")
    load_initial(model, saved)
    assert same(model, source)
    assert model.recipe == "videocutler"


def test_a_model_that_names_no_recipe_is_of_minvis(saved):
    config = json.loads(saved.with_name("config.json").read_text())
    del config["uvis"]["recipe"]
    saved.with_name("config.json").write_text(json.dumps(config))
    assert load_checkpoint(saved).recipe == "minvis"


def test_a_recipe_of_another_version_is_refused(saved):
    config = json.loads(saved.with_name("config.json").read_text())
    config["uvis"]["recipe"] = "later"
    saved.with_name("config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="recipe is 'later', which this version does not know"):
        load_checkpoint(saved)

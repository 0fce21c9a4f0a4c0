import copy

import pytest
import torch
from open_clip.model import CLIPVisionCfg, _build_vision_tower
from open_clip.transformer import ResidualAttentionBlock

from uvis_core.crops.class_token import ClassTokenBlock, leave_out_unread

SIZES = {"layers": 3, "width": 32, "head_width": 8, "patch_size": 8, "image_size": 24}


def tower(**values):
    torch.manual_seed(0)
    built = _build_vision_tower(16, CLIPVisionCfg(**{**SIZES, **values})).eval()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return built


@pytest.mark.parametrize("values", [{}, {"ls_init_value": 0.5}, {"final_ln_after_pool": True}])
@torch.inference_mode()
def test_images_are_embedded_as_before(values):
    whole = tower(**values)
    short = copy.deepcopy(whole)
    leave_out_unread(short)
    assert isinstance(short.transformer.resblocks[-1], ClassTokenBlock)
    assert list(short.state_dict()) == list(whole.state_dict())
    images = torch.randn(5, 3, 24, 24)
    torch.testing.assert_close(short(images), whole(images), rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_the_last_block_computes_one_token():
    short = tower()
    leave_out_unread(short)
    assert short.transformer.resblocks[-1](torch.randn(2, 10, 32)).shape == (2, 1, 32)


@pytest.mark.parametrize(
    "values", [{"pool_type": "avg"}, {"output_tokens": True}, {"attentional_pool": True}]
)
def test_towers_that_read_all_tokens_stay_as_they_are(values):
    built = tower(**values)
    leave_out_unread(built)
    assert type(built.transformer.resblocks[-1]) is ResidualAttentionBlock


def test_towers_without_such_blocks_stay_as_they_are():
    built = _build_vision_tower(16, CLIPVisionCfg(layers=(1, 1, 1, 1), width=8, image_size=32))
    names = list(built.state_dict())
    leave_out_unread(built)
    assert list(built.state_dict()) == names


@pytest.mark.parametrize("name", ["k_x", "attn_mask"])
def test_other_tokens_are_refused(name):
    short = tower()
    leave_out_unread(short)
    with pytest.raises(ValueError, match="no others"):
        short.transformer.resblocks[-1](torch.randn(2, 10, 32), **{name: torch.zeros(10, 10)})

import math

import pytest
import torch

from uvis_core.crops.clip import encode_texts, load_clip
from uvis_core.crops.text import embed_vocabulary, read_text_embeddings, write_text_embeddings
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.io.weights import write_state_dict

CPU = torch.device("cpu")


def test_embeds_every_prompt(tiny_settings, vocabulary):
    text = embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=4)
    assert text.embeddings.shape == (3, 14, 8)
    assert text.is_prompt.sum(dim=1).tolist() == [14, 1, 7]
    assert text.class_ids.tolist() == [3, 1, 9]
    torch.testing.assert_close(text.embeddings.norm(dim=2), text.is_prompt.float())
    assert math.isclose(text.logit_scale, 1 / 0.07, rel_tol=1e-5)  # what open_clip starts from
    clip = load_clip(tiny_settings)
    with torch.inference_mode():
        alone = encode_texts(clip, clip.tokenizer(["a photo of plus sign in"]))[0]
    torch.testing.assert_close(text.embeddings[2, 5], alone)


def test_batch_size_changes_nothing(tiny_settings, vocabulary):
    one = embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=1)
    all_at_once = embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=100)
    torch.testing.assert_close(one.embeddings, all_at_once.embeddings)


def test_written_and_read(tiny_settings, vocabulary, tmp_path):
    text = embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=4)
    write_text_embeddings(tmp_path / "text.safetensors", text)
    again = read_text_embeddings(tmp_path / "text.safetensors", vocabulary)
    for name, tensor in vars(text).items():
        assert torch.equal(getattr(again, name), tensor)


def test_embeddings_of_other_classes_are_refused(tiny_settings, vocabulary, tmp_path):
    path = tmp_path / "text.safetensors"
    write_text_embeddings(path, embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=4))
    other = Vocabulary.model_validate({"classes": [{"id": 3, "name": "star"}]})
    with pytest.raises(UserError, match=r"embeds the classes \[3, 1, 9\]"):
        read_text_embeddings(path, other)


def test_other_tensors_are_refused(vocabulary, tmp_path):
    write_state_dict(tmp_path / "text.safetensors", {"weight": torch.zeros(1)})
    with pytest.raises(UserError, match="holds no text embeddings"):
        read_text_embeddings(tmp_path / "text.safetensors", vocabulary)

"""Text embeddings of a vocabulary: computed once, read by every shard."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import encode_texts, load_clip
from uvis_core.io.devices import autocast
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.io.weights import read_state_dict, write_state_dict

OBJECT_CLASS = 1


@dataclass(frozen=True)
class TextEmbeddings:
    """What crops are compared with.

    Attributes:
        embeddings: float32 (C, P, D), unit length; P is the largest number of prompts that any class has.
        is_prompt: bool (C, P), False where a class has fewer prompts; the embeddings there are zeros.
        class_ids: int64 (C,).
        logit_scale: float32 (), what the model multiplies cosines by, about 100.
    """

    embeddings: Tensor
    is_prompt: Tensor
    class_ids: Tensor
    logit_scale: Tensor


def one_class_without_words(width: int) -> TextEmbeddings:
    """What crops are compared with by a model that knows no words: a single class that every crop belongs to.

    Class score and cosine become 1, so that thresholds on them keep everything.

    Args:
        width: D, of the model's embeddings.
    """
    no_prompts = torch.zeros(1, 0, width)
    return TextEmbeddings(
        no_prompts, no_prompts[:, :, 0].bool(), torch.tensor([OBJECT_CLASS]), torch.tensor(1.0)
    )


@torch.inference_mode()
def embed_vocabulary(
    vocabulary: Vocabulary,
    settings: CropsSettings,
    *,
    device: torch.device,
    batch_size: int,
    weights_file: Path | str | None = None,
) -> TextEmbeddings:
    """Embed every prompt of every class.

    Args:
        vocabulary: The classes.
        settings: Model, weights and precision are used.
        device: Where the text tower runs.
        batch_size: Prompts at a time.
        weights_file: The fetched file of the tag that the settings name, if they name one.

    Raises:
        UserError: The model or its weights are missing or do not fit.
    """
    clip = load_clip(settings, weights_file)
    clip.model.to(device)
    prompts = [vocabulary.prompts_of(entry) for entry in vocabulary.classes]
    flat = clip.tokenizer([prompt for own in prompts for prompt in own])
    with autocast(device, settings.precision):
        embedded = torch.cat(
            [encode_texts(clip, tokens.to(device)) for tokens in flat.split(batch_size)]
        ).cpu()
    is_prompt = torch.arange(max(map(len, prompts))) < torch.tensor([len(own) for own in prompts])[:, None]
    padded = embedded.new_zeros(*is_prompt.shape, embedded.shape[1])
    padded[is_prompt] = embedded
    scale = clip.model.logit_scale.detach().float().exp().reshape(()).cpu()
    return TextEmbeddings(padded, is_prompt, torch.tensor(vocabulary.class_ids), scale)


def write_text_embeddings(path: Path | str, text: TextEmbeddings) -> None:
    """Write as safetensors, atomically."""
    write_state_dict(path, vars(text))


def read_text_embeddings(path: Path | str, vocabulary: Vocabulary) -> TextEmbeddings:
    """Read what ``write_text_embeddings`` wrote for this vocabulary.

    Raises:
        UserError: The file is missing, damaged, or holds something else or other classes.
    """
    state = read_state_dict(path)
    again = "make it again with scripts/embed_vocabulary.py"
    if set(state) != set(TextEmbeddings.__dataclass_fields__):
        raise UserError(f"{path}: holds no text embeddings", fix=again)
    text = TextEmbeddings(**state)
    if text.class_ids.tolist() != vocabulary.class_ids:
        message = (
            f"{path}: embeds the classes {text.class_ids.tolist()}, the vocabulary has {vocabulary.class_ids}"
        )
        raise UserError(message, fix=again)
    return text

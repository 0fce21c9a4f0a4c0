"""From cosines with prompts to class scores."""

import torch
from torch import Tensor

from uvis_core.config.crops import Reading
from uvis_core.crops.text import TextEmbeddings


def class_cosines(embeddings: Tensor, text: TextEmbeddings, reading: Reading) -> Tensor:
    """One cosine per class.

    Args:
        embeddings: float32 (N, D), unit length.
        text: On the same device.
        reading: ``softmax_mean`` takes the mean over a class's prompts, the others its closest prompt.

    Returns:
        float32 (N, C); 1 where no class has any prompt.
    """
    if text.embeddings.shape[1] == 0:
        return embeddings.new_ones(len(embeddings), len(text.class_ids))
    cosines = torch.einsum("nd,cpd->ncp", embeddings, text.embeddings)
    if reading == "softmax_mean":
        return cosines.sum(dim=2) / text.is_prompt.sum(dim=1)
    return cosines.masked_fill(~text.is_prompt, -torch.inf).amax(dim=2)


def class_scores(cosines: Tensor, logit_scale: Tensor, reading: Reading) -> Tensor:
    """The score u of every class, (N, C): a softmax over the classes, or under ``cosine`` the cosine itself.

    The paper filters by u >= 0.7 (section 4.1). A raw cosine never gets there, a softmax over scaled ones does.
    """
    return cosines if reading == "cosine" else (logit_scale * cosines).softmax(dim=1)

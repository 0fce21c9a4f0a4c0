"""Which query is which of what was seen before: Hungarian matching on cosine similarity (MinVIS, section 3.2)."""

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def cosine_similarities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines between the rows of (Q, D) and (P, D), shape (Q, P); 0 for a row of zeros."""
    lengths = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)[None]
    return np.divide(first @ second.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def mask_ious(first: Tensor, second: Tensor) -> np.ndarray:
    """IoU over all frames together of each mask of the one with each of the other; 1 where both are empty.

    Two masks that agree that nothing is there agree: what they are is then left to their queries.

    Args:
        first: float (T, Q, h, w), mask logits or sums of them; above 0 is inside.
        second: float (T, P, h, w), the same of the same frames.

    Returns:
        float64 (Q, P).
    """
    shape = first.shape[1], second.shape[1]
    both = torch.zeros(shape, dtype=torch.float64, device=first.device)
    either = torch.zeros_like(both)
    # A frame's counts are whole numbers that float32 holds exactly.
    for one, other in zip(first, second, strict=True):
        inside, of_other = ((masks > 0).flatten(1).float() for masks in (one, other))
        shared = inside @ of_other.T
        both += shared
        either += inside.sum(1)[:, None] + of_other.sum(1)[None] - shared
    return torch.where(either > 0, both / either, 1.0).cpu().numpy()


def align_queries(
    reference: np.ndarray, current: np.ndarray, agreement: np.ndarray | float = 0.0
) -> np.ndarray:
    """Order the current queries like the reference so that the summed similarity is greatest.

    Args:
        reference: (Q, D) query embeddings so far.
        current: (Q, D) query embeddings of this frame.
        agreement: (Q, Q), a row per reference: how well they agree in anything else, added to the cosine similarity.

    Returns:
        int64 (Q,): ``current[order]`` is aligned with ``reference``.
    """
    return linear_sum_assignment(cosine_similarities(reference, current) + agreement, maximize=True)[1]

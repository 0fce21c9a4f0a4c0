"""Which query is which of the last frame: Hungarian matching on cosine similarity (MinVIS, section 3.2)."""

import numpy as np
from scipy.optimize import linear_sum_assignment


def cosine_similarities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines between the rows of (Q, D) and (P, D), shape (Q, P); 0 for a row of zeros."""
    lengths = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)[None]
    return np.divide(first @ second.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def align_queries(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    """Order the current queries like the reference so that the summed cosine similarity is greatest.

    Args:
        reference: (Q, D) query embeddings so far.
        current: (Q, D) query embeddings of this frame.

    Returns:
        int64 (Q,): ``current[order]`` is aligned with ``reference``.
    """
    return linear_sum_assignment(cosine_similarities(reference, current), maximize=True)[1]

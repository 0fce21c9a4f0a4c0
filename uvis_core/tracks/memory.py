"""The tracking memory of UVIS (equations 2 and 3)."""

import numpy as np

from uvis_core.tracks.association import align_queries


class TrackingMemory:
    """Aligns each frame's queries with what the video showed before.

    With Q̂_t the queries of frame t in aligned order, frame t + 1 is matched against

        Q*_t = λ Q̂_t + (1 − λ) μ_{t−1},    μ_{t−1} = mean of Q̂_1 … Q̂_{t−1}    (eq. 2, 3)

    and Q*_1 = Q_1, for there is no μ_0. λ = 1 is MinVIS, which matches against the last frame alone. Where the
    model sees several frames at once, a clip of them stands for a frame.

    Args:
        weight: λ, 0 to 1.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.frames = 0
        self.mean = np.zeros(0)
        self.reference = np.zeros(0)

    def align(self, queries: np.ndarray, agreement: np.ndarray | float = 0.0) -> np.ndarray:
        """Take in the next frame's queries.

        Args:
            queries: float (Q, D).
            agreement: As ``align_queries`` takes it: (Q, Q), by aligned query and by query of this frame.

        Returns:
            int64 (Q,): ``queries[order]`` is Q̂_t.
        """
        queries = queries.astype(np.float64)
        if self.frames == 0:
            order = np.arange(len(queries))
            self.mean = self.reference = queries
        else:
            order = align_queries(self.reference, queries, agreement)
            aligned = queries[order]
            self.reference = self.weight * aligned + (1 - self.weight) * self.mean
            self.mean = self.mean + (aligned - self.mean) / (self.frames + 1)
        self.frames += 1
        return order

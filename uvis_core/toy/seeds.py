"""Seeded generators whose streams differ by purpose, so that models never see the demonstration's videos."""

from enum import StrEnum

import numpy as np


class Purpose(StrEnum):
    """What a stream of random numbers is for; each purpose owns a seed space of its own."""

    TRAIN_VIDEO = "train"
    TEST_VIDEO = "test"
    MODEL_DATA = "model"


def spawn_key(purpose: Purpose, *indices: int) -> tuple[int, ...]:
    """Key of one stream: the purpose's letters, a zero, the indices.

    No word holds a zero byte, so no key of one purpose can equal a key of another, whatever the indices are.

    Args:
        purpose: what the stream is for.
        *indices: position inside the purpose (video number; sample number, worker ...), each >= 0.

    Returns:
        Non-negative integers for ``numpy.random.SeedSequence(spawn_key=...)``.
    """
    return (*purpose.value.encode(), 0, *indices)


def generator(seed: int, purpose: Purpose, *indices: int) -> np.random.Generator:
    """Generator of one stream (PCG64).

    Args:
        seed: the world's seed, >= 0.
        purpose: what the stream is for.
        *indices: position inside the purpose, each >= 0.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=spawn_key(purpose, *indices)))

"""The normalised cut of many graphs at once: the second smallest generalised eigenvector by Lanczos iteration.

Shi and Malik, Normalized cuts and image segmentation, PAMI 2000, equations 6 to 11.
"""

from typing import NamedTuple

import torch
from torch import Tensor

MAX_STEPS = 200
STEPS_BETWEEN_CHECKS = 10
TOLERANCE = 1e-3
"""Largest residual of a found vector, as a share of the distance to the next eigenvalue: about the angle, in radians,
between the vector and the true one."""
SMALLEST_GAP = 1e-3
"""Eigenvalues that are closer than this are told apart no better; rounding in float32 allows no more."""


class Cuts(NamedTuple):
    """Solutions of B graphs.

    Attributes:
        vectors: (B, P), zero at nodes that are not alive; of unit length, the entry of largest magnitude is positive.
        values: (B,), the normalised cut's relaxed value in 0 ... 2: small where the two sides hardly touch.
    """

    vectors: Tensor
    values: Tensor


def second_eigenvectors(affinity: Tensor, alive: Tensor) -> Cuts:
    """Solve (D - W) x = lambda D x for the second smallest lambda, on the nodes that are alive.

    The vector belongs to the second largest eigenvalue of D^-1/2 W D^-1/2, whose largest one, 1, has the known vector
    D^1/2 1. Lanczos iteration in the complement of that vector, with full reorthogonalisation, finds it in some dozen
    products with W, where the dense solver factorises. A graph's answer is the one at its own convergence, so it does
    not depend on the others in the batch; each graph needs at least two nodes that are alive.

    Args:
        affinity: W, float32 or float64 (B, P, P), symmetric, positive between all nodes.
        alive: bool (B, P).
    """
    weight = alive.to(affinity.dtype)
    degrees = torch.bmm(affinity, weight[..., None])[..., 0] * weight
    scale = torch.where(alive, degrees.clamp(min=torch.finfo(affinity.dtype).tiny).rsqrt(), 0)
    trivial = _unit(degrees.sqrt())
    basis = [_unit(_without([trivial], _start(alive, affinity.dtype)))]
    diagonal: list[Tensor] = []
    beside: list[Tensor] = []
    vectors, values = torch.zeros_like(weight), torch.zeros_like(weight[:, 0])
    waiting = torch.ones(len(affinity), dtype=torch.bool, device=affinity.device)
    # The space that a graph's Krylov vectors can span is smaller than its number of nodes.
    steps = min(MAX_STEPS, affinity.shape[1] - 1)
    for step in range(1, steps + 1):
        image = scale * torch.bmm(affinity, (scale * basis[-1])[..., None])[..., 0]
        diagonal.append((basis[-1] * image).sum(dim=1))
        rest = _without([trivial, *basis], image)
        beside.append(rest.norm(dim=1))
        if step % STEPS_BETWEEN_CHECKS == 0 or step == steps:
            found, weights, residuals, gaps = _largest_pairs(diagonal, beside)
            # An exhausted space leaves zeros behind, which end the iteration of its graph exactly.
            done = waiting & ((residuals <= TOLERANCE * gaps.clamp(min=SMALLEST_GAP)) | (step == steps))
            ritz = scale * torch.einsum("mbp,bm->bp", torch.stack(basis), weights)
            vectors = torch.where(done[:, None], ritz, vectors)
            values = torch.where(done, 1 - found, values)
            waiting &= ~done
            if not waiting.any():
                break
        basis.append(_unit(rest))
    return Cuts(_upright(_unit(vectors)), values)


def _start(alive: Tensor, dtype: torch.dtype) -> Tensor:
    """The same pseudo-random vector for every graph and device, zero at dead nodes."""
    random = torch.randn(alive.shape[1], generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.where(alive, random.to(alive.device, dtype), 0)


def _without(basis: list[Tensor], vectors: Tensor) -> Tensor:
    """What is left of each vector (B, P) outside the span of its M unit vectors; twice, against rounding."""
    span = torch.stack(basis, dim=1)  # (B, M, P)
    for _ in range(2):
        shares = torch.bmm(span, vectors[..., None])
        vectors = vectors - torch.bmm(span.transpose(1, 2), shares)[..., 0]
    return vectors


def _largest_pairs(diagonal: list[Tensor], beside: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Largest eigenvalue of each tridiagonal matrix, its vector, residual, and distance to the next eigenvalue.

    Returns:
        (B,), (B, M), (B,) and (B,), where M is the number of steps.
    """
    off = torch.stack(beside, dim=1).cpu().double()
    matrix = torch.diag_embed(torch.stack(diagonal, dim=1).cpu().double())
    matrix += torch.diag_embed(off[:, :-1], 1) + torch.diag_embed(off[:, :-1], -1)
    values, vectors = torch.linalg.eigh(matrix)
    top = vectors[:, :, -1]
    gaps = values[:, -1] - values[:, -2] if values.shape[1] > 1 else torch.ones_like(values[:, -1])
    residuals = off[:, -1] * top[:, -1].abs()
    like = diagonal[0]
    return values[:, -1].to(like), top.to(like), residuals.to(like), gaps.to(like)


def _unit(vectors: Tensor) -> Tensor:
    """Each vector (B, P) at unit length; one of rounding errors alone becomes zero."""
    lengths = vectors.norm(dim=1, keepdim=True)
    return torch.where(lengths > 10 * torch.finfo(vectors.dtype).eps, vectors / lengths, 0)


def _upright(vectors: Tensor) -> Tensor:
    """Each vector with the sign that makes its entry of largest magnitude, the first of equals, positive."""
    largest = vectors.gather(1, vectors.abs().argmax(dim=1, keepdim=True))
    return torch.where(largest < 0, -vectors, vectors)

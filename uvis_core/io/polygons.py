"""Outlines of masks as polygons, one for a mask of any shape."""

import cv2
import numpy as np


def outline(mask: np.ndarray) -> np.ndarray:
    """The pixels along the borders of a mask, as one closed polygon.

    Filled by the even-odd rule with its own border (``cv2.fillPoly``) it gives the mask back: parts of the mask and
    holes hang together by lines that go there and back; to a hole they lead through the mask, between parts through
    what is none of it, where they stay as a line.

    Args:
        mask: bool of shape (H, W), not empty.

    Returns:
        int64 (P, 2) x and y of pixels.
    """
    return _corners(_joined(_rings(mask.astype(np.uint8))))


def edge_outline(mask: np.ndarray, tolerance_px: float = 0.0) -> np.ndarray:
    """The same along the edges of the pixels, in coordinates in which pixel x reaches from x to x + 1.

    Args:
        mask: bool of shape (H, W), not empty.
        tolerance_px: How far the outline may leave the edges, so that it has fewer points; 0 keeps every corner.

    Returns:
        float64 (P, 2) x and y.
    """
    # On a mask of twice the size, the pixels of a border lie half a pixel from the edge, on its side.
    doubled = np.repeat(np.repeat(mask.astype(np.uint8), 2, axis=0), 2, axis=1)
    rings = [(ring + 1) // 2 for ring in _rings(doubled)]
    if tolerance_px:
        rings = [_simplified(ring, tolerance_px) for ring in rings]
    return _corners(_joined(rings)).astype(np.float64)


def _rings(mask: np.ndarray) -> list[np.ndarray]:
    """Borders of all parts and holes, int64 (P, 2) each, the largest first."""
    found, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [ring.reshape(-1, 2).astype(np.int64) for ring in found]
    return sorted(rings, key=len, reverse=True)


def _simplified(ring: np.ndarray, tolerance_px: float) -> np.ndarray:
    found = cv2.approxPolyDP(ring.astype(np.int32).reshape(-1, 1, 2), tolerance_px, True).reshape(-1, 2)
    return found.astype(np.int64) if len(found) > 2 else ring


def _joined(rings: list[np.ndarray]) -> np.ndarray:
    """All rings in one, each joined to the nearest point of those before."""
    path, waiting = rings[0], rings[1:]
    gaps = [_gap(path, ring) for ring in waiting]
    while waiting:
        nearest = min(range(len(gaps)), key=lambda place: gaps[place][0])
        ring, (_, point, enter) = waiting.pop(nearest), gaps.pop(nearest)
        leave = int((path == point).all(axis=1).argmax())
        turned = np.concatenate([ring[enter:], ring[: enter + 1]])
        path = np.concatenate([path[: leave + 1], turned, path[leave:]])
        gaps = [
            min(before, _gap(ring, other), key=lambda gap: gap[0])
            for before, other in zip(gaps, waiting, strict=True)
        ]
    return path


def _gap(path: np.ndarray, ring: np.ndarray) -> tuple[int, np.ndarray, int]:
    """Squared distance of the nearest points: which of the path, and its place in the ring."""
    distances = ((path[:, None] - ring[None]) ** 2).sum(axis=2)
    leave, enter = np.unravel_index(distances.argmin(), distances.shape)
    return int(distances[leave, enter]), path[leave], int(enter)


def _corners(path: np.ndarray) -> np.ndarray:
    """A closed path without points that stand there twice in a row or on the way straight on."""
    path = (
        path[(path != np.roll(path, 1, axis=0)).any(axis=1)] if len(np.unique(path, axis=0)) > 1 else path[:1]
    )
    come, go = path - np.roll(path, 1, axis=0), np.roll(path, -1, axis=0) - path
    turns = come[:, 0] * go[:, 1] != come[:, 1] * go[:, 0]
    back = (come * go).sum(axis=1) < 0
    return path[turns | back] if (turns | back).any() else path

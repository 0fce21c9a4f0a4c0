"""Objects of another image pasted into a clip, so that objects occlude each other (VideoCutLER, section 3.2)."""

from collections.abc import Sequence

import numpy as np

from uvis_core.training.clips.augmentation import MaskedImage, scaled
from uvis_core.training.clips.draws import Placement


def pasted(
    frames: Sequence[MaskedImage], source: MaskedImage, placements: Sequence[Placement], covered_share: float
) -> list[MaskedImage] | None:
    """Paste all objects of a source into every frame.

    The source moves as a whole, and anew from where it was for every frame: no placement acts on the one before it.

    Args:
        frames: The clip, T frames of N masks each.
        source: M masks, none of them empty.
        placements: T.
        covered_share: What a pasted object may not cover of any object in the first frame.

    Returns:
        T frames with N + M masks, of which the first N have lost the pixels that are pasted over; None where there is
        nothing to paste, or an object would be covered.
    """
    if not len(source.masks):
        return None
    placed = [
        _placed(source, frame.size, placement) for frame, placement in zip(frames, placements, strict=True)
    ]
    if _covers(placed[0].masks, frames[0].masks, covered_share):
        return None
    return [_laid_over(frame, above) for frame, above in zip(frames, placed, strict=True)]


def _placed(source: MaskedImage, size: tuple[int, int], placement: Placement) -> MaskedImage:
    """A source scaled and shifted on an empty canvas of ``size``."""
    height, width = (max(1, round(placement.scale * side)) for side in size)
    image = scaled(source, (height, width))
    top = int(placement.offset[0] * (size[0] - height + 1))
    left = int(placement.offset[1] * (size[1] - width + 1))
    pixels = np.zeros((*size, 3), dtype=np.uint8)
    masks = np.zeros((len(image.masks), *size), dtype=bool)
    pixels[top : top + height, left : left + width] = image.pixels
    masks[:, top : top + height, left : left + width] = image.masks
    return MaskedImage(pixels, masks)


def _covers(above: np.ndarray, below: np.ndarray, share: float) -> bool:
    """Whether any of the masks above (M, H, W) covers ``share`` or more of any of those below (N, H, W)."""
    areas = below.sum((1, 2))
    return any(((areas > 0) & ((below & mask).sum((1, 2)) >= share * areas)).any() for mask in above)


def _laid_over(frame: MaskedImage, above: MaskedImage) -> MaskedImage:
    """One frame with the objects of another image on top."""
    hidden = np.logical_or.reduce(above.masks)
    pixels = np.where(hidden[:, :, None], above.pixels, frame.pixels)
    return MaskedImage(pixels, np.concatenate([frame.masks & ~hidden, above.masks]))

"""Rows of one table found by the mask ids of another."""

import numpy as np

from uvis_core.io.errors import UserError


def positions(wanted: np.ndarray, mask_ids: np.ndarray, names: tuple[str, str]) -> np.ndarray:
    """Where each wanted mask id stands in another table.

    Args:
        wanted: int64 (N,) mask ids.
        mask_ids: int64 (M,) mask ids, in any order.
        names: What holds ``wanted`` and what holds ``mask_ids``, for the message.

    Returns:
        int64 (N,) positions in ``mask_ids``.

    Raises:
        UserError: A wanted id is not there, or an id is there twice.
    """
    fix = "give tables of one shard, made from each other; delete them and run again if they are"
    order = np.argsort(mask_ids, kind="stable")
    ordered = mask_ids[order]
    if (ordered[1:] == ordered[:-1]).any():
        double = ordered[1:][ordered[1:] == ordered[:-1]][0]
        raise UserError(f"the {names[1]} hold mask {double} more than once", fix=fix)
    places = np.searchsorted(ordered, wanted)
    found = np.zeros(len(wanted), dtype=bool)
    inside = places < len(ordered)
    found[inside] = ordered[places[inside]] == wanted[inside]
    if not found.all():
        raise UserError(
            f"{int((~found).sum())} masks of the {names[0]} are not among the {names[1]}, the first is "
            f"{wanted[~found][0]}",
            fix=fix,
        )
    return order[places]

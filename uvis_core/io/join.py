"""Rows of one table found by the mask ids of another."""

import numpy as np

from uvis_core.io.errors import UserError

FIX = "give tables of one shard, made from each other; delete them and run again if they are"


def check_once(mask_ids: np.ndarray, name: str) -> None:
    """See that no mask id stands twice in a table.

    Raises:
        UserError: One does; names it and, by ``name``, the table.
    """
    ordered = np.sort(mask_ids)
    for double in ordered[1:][ordered[1:] == ordered[:-1]][:1]:
        raise UserError(f"the {name} hold mask {double} more than once", fix=FIX)


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
    check_once(mask_ids, names[1])
    order = np.argsort(mask_ids, kind="stable")
    ordered = mask_ids[order]
    places = np.searchsorted(ordered, wanted)
    found = np.zeros(len(wanted), dtype=bool)
    inside = places < len(ordered)
    found[inside] = ordered[places[inside]] == wanted[inside]
    if not found.all():
        raise UserError(
            f"{int((~found).sum())} masks of the {names[0]} are not among the {names[1]}, the first is "
            f"{wanted[~found][0]}",
            fix=FIX,
        )
    return order[places]

"""Largest matching of labels to truths, kept up to date while labels are added one after another."""

from collections.abc import Iterable, Mapping, Sequence


def raising_labels(order: Iterable[int], covers: Mapping[int, Sequence[int]]) -> list[int]:
    """Find the labels that raise the largest possible number of pairs when they are added.

    A label and a truth that it covers may be a pair, and each belongs to one pair at most. Adding a label
    raises the largest number of pairs by one or not at all, and adding never lowers it (Kuhn's augmenting
    paths). So for every beginning of ``order``, the largest number of pairs of the labels in it is the number
    of the returned labels in it.

    Args:
        order: Labels in the order in which they are added, each once.
        covers: The truths that a label covers; labels that are not in it cover none.

    Returns:
        The labels that raised the number, in their order.
    """
    holders: dict[int, int] = {}
    return [label for label in order if label in covers and _place(label, covers, holders, set())]


def _place(label: int, covers: Mapping[int, Sequence[int]], holders: dict[int, int], tried: set[int]) -> bool:
    """Give the label a truth, moving earlier labels to other truths where that makes room."""
    for truth in covers[label]:
        if truth not in tried:
            tried.add(truth)
            if truth not in holders or _place(holders[truth], covers, holders, tried):
                holders[truth] = label
                return True
    return False

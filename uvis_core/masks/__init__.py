"""Class-agnostic instance masks of single frames: boxes, masks and objectness, before any class is known."""

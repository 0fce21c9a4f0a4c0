"""Distributions of the three scores, with the thresholds that were applied to them."""

from collections.abc import Mapping

from uvis_core.report.charts import Histogram, histogram
from uvis_core.report.funnel import SCORES, LabelCounts

TITLES = {
    "objectness": ("Objectness", "objectness of the mask"),
    "class_score": ("Class score", "score of the best class"),
    "similarity": ("Similarity", "cosine to the nearest prototype of the class"),
}


def score_histograms(labels: LabelCounts, thresholds: Mapping[str, float]) -> list[Histogram]:
    """One histogram per score; a score without a threshold has none marked."""
    charts = []
    for score in SCORES:
        removed, kept = labels.histograms[score]
        note = ""
        if score == "similarity" and labels.without_prototype:
            note = f"Not drawn: {labels.without_prototype} masks of classes without a prototype."
        charts.append(histogram(*TITLES[score], kept, removed, thresholds.get(score), note))
    return charts

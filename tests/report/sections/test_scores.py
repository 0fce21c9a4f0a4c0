from uvis_core.report.funnel import LabelCounts
from uvis_core.report.scores import score_histograms


def test_each_score_has_its_threshold_and_missing_similarities_a_note():
    labels = LabelCounts(without_prototype=5)
    labels.histograms["class_score"][1, 3] = 2
    charts = score_histograms(labels, {"objectness": 0.7, "similarity": 0.0})
    assert [chart.threshold.label if chart.threshold else None for chart in charts] == ["0.7", None, "0"]
    assert [len(chart.bars) for chart in charts] == [0, 1, 0]
    assert [chart.note for chart in charts] == ["", "", "Not drawn: 5 masks of classes without a prototype."]

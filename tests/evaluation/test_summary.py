from uvis_core.evaluation.summary import figures_table
from uvis_core.evaluation.ytvis.protocols import PROTOCOLS


def test_shows_per_cent_and_dashes():
    names = [*(figure.name for figure in PROTOCOLS["ytvis"].figures), "HOTA", "DetA", "AssA", "IDF1"]
    figures = dict.fromkeys(names, 0.1234) | {"APl": -1.0, "protocol": "ytvis"}
    lines = figures_table(figures).splitlines()
    assert lines[0].split() == names[:6]
    assert lines[2].split() == ["12.3"] * 5 + ["-"]
    assert lines[4].split() == names[6:12]
    assert lines[8].split() == names[12:]
    assert len({len(line) for line in lines[:3]}) == 1

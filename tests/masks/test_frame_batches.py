from uvis_core.masks.frame_batches import same_size_batches


def test_batches_keep_order_and_never_mix_sizes():
    sizes = [(2, 3)] * 3 + [(3, 2)] * 2 + [(2, 3)]
    assert same_size_batches(sizes, 2) == [[0, 1], [2], [3, 4], [5]]


def test_no_frames_no_batches():
    assert same_size_batches([], 4) == []

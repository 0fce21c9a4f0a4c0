import math

import pytest
import torch

from uvis_core.crops.readings import class_cosines, class_scores
from uvis_core.crops.text import TextEmbeddings, one_class_without_words

# Two classes in the plane: the first with prompts along x and y, the second with one prompt along -x.
TEXT = TextEmbeddings(
    embeddings=torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.0, 0.0]]]),
    is_prompt=torch.tensor([[True, True], [True, False]]),
    class_ids=torch.tensor([5, 2]),
    logit_scale=torch.tensor(10.0),
)
EMBEDDINGS = torch.tensor([[0.6, 0.8], [-1.0, 0.0]])


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("softmax_max", [[0.8, -0.6], [0.0, 1.0]]),
        ("cosine", [[0.8, -0.6], [0.0, 1.0]]),
        ("softmax_mean", [[0.7, -0.6], [-0.5, 1.0]]),
    ],
)
def test_cosines_per_class(reading, expected):
    torch.testing.assert_close(class_cosines(EMBEDDINGS, TEXT, reading), torch.tensor(expected))


def test_missing_prompts_never_win():
    # The second class has a cosine of -0.6 only; the zero in the place of its missing prompt must not count.
    assert class_cosines(EMBEDDINGS[:1], TEXT, "softmax_max")[0, 1] < 0


def test_softmax_over_classes():
    scores = class_scores(torch.tensor([[0.3, 0.25]]), torch.tensor(100.0), "softmax_max")
    first = 1 / (1 + math.exp(-5))
    torch.testing.assert_close(scores, torch.tensor([[first, 1 - first]]))


def test_raw_cosine():
    cosines = torch.tensor([[0.3, 0.25]])
    assert torch.equal(class_scores(cosines, torch.tensor(100.0), "cosine"), cosines)


def test_a_model_without_words_gives_one_class_a_score_of_one():
    text = one_class_without_words(4)
    embeddings = torch.nn.functional.normalize(torch.rand(3, 4), dim=1)
    cosines = class_cosines(embeddings, text, "softmax_max")
    assert cosines.tolist() == [[1], [1], [1]]
    assert class_scores(cosines, text.logit_scale, "softmax_max").tolist() == [[1], [1], [1]]
    assert text.class_ids.tolist() == [1]

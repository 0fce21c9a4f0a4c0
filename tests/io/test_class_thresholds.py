import pytest

from uvis_core.config.labels import ClassThresholds, LabelsSettings
from uvis_core.io.class_thresholds import check_classes, class_thresholds
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary, VocabularyClass

VOCABULARY = Vocabulary(
    classes=(
        VocabularyClass(id=4, name="dog", aliases=("hound",)),
        VocabularyClass(id=7, name="garden hose"),
        VocabularyClass(id=9, name="cat"),
    )
)


def test_names_become_ids() -> None:
    own = {
        "garden hose": ClassThresholds(objectness=0.5, similarity=0.0),
        "dog": ClassThresholds(class_score=0.6),
        "cat": ClassThresholds(),
    }
    assert class_thresholds(LabelsSettings(classes=own), VOCABULARY) == {
        7: {"objectness": 0.5, "similarity": 0.0},
        4: {"class_score": 0.6},
    }
    assert class_thresholds(LabelsSettings(), VOCABULARY) == {}


@pytest.mark.parametrize(
    ("name", "offered"),
    [("dgo", "did you mean 'dog'? If not, name one of dog, garden hose, cat"), ("hound", "name one of dog")],
)
def test_a_class_that_the_vocabulary_lacks_is_named(name: str, offered: str) -> None:
    settings = LabelsSettings(classes={name: ClassThresholds(similarity=0.5)})
    with pytest.raises(UserError) as caught:
        check_classes({"full": LabelsSettings(), "own": settings}, VOCABULARY)
    assert caught.value.message.startswith(f"labels.variants.own.classes.{name}: ")
    assert offered in caught.value.fix


def test_classes_that_are_there() -> None:
    settings = LabelsSettings(classes={"dog": ClassThresholds(similarity=0.5)})
    check_classes({"full": LabelsSettings(), "own": settings}, VOCABULARY)

import json
from pathlib import Path

import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import PAPER_PROMPTS, VocabularyClass, read_vocabulary


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "words.json"
        path.write_text(json.dumps(content))
        return read_vocabulary(path)

    return read


def test_the_papers_prompts_by_default(read):
    vocabulary = read({"classes": [{"id": 4, "name": "star"}, {"id": 2, "name": "ring"}]})
    assert len(PAPER_PROMPTS) == 7
    assert vocabulary.class_ids == [4, 2]
    prompts = vocabulary.prompts_of(vocabulary.classes[0])
    assert prompts[:3] == ["a photo of star", "a photo of star doing", "a photo of star moving"]
    assert len(prompts) == 7


def test_aliases_and_own_prompts(read):
    entry = {
        "id": 1,
        "name": "giant_panda",
        "aliases": ["panda", "giant panda"],
        "prompts": ["the {} eats", "a {}"],
    }
    vocabulary = read({"classes": [entry], "prompts": ["unused {}"]})
    expected = ["the giant panda eats", "a giant panda", "the panda eats", "a panda"]
    assert vocabulary.prompts_of(vocabulary.classes[0]) == expected


def test_thresholds_are_told_where_they_live(read):
    star = {"id": 1, "name": "star", "thresholds": {"similarity": 0.5}}
    ring = {"id": 2, "name": "ring", "thresholds": {}}
    with pytest.raises(UserError) as error:
        read({"classes": [star, ring, {"id": 3, "name": "cross"}]})
    assert "words.json: holds thresholds of star, ring" in error.value.message
    assert "labels: {variants: {full: {classes: {star: {similarity: 0.5}, ring: {}}}}}" in error.value.fix


def test_names_line_by_line(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# what I look for\ndog\n\n  garden hose  \n", encoding="utf-8")
    vocabulary = read_vocabulary(path)
    assert vocabulary.classes == (
        VocabularyClass(id=1, name="dog"),
        VocabularyClass(id=2, name="garden hose"),
    )


STAR = {"id": 1, "name": "star"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"classes": []}, "classes"),
        ({"classes": [STAR, {"id": 1, "name": "ring"}]}, "'star' and 'ring' share the id 1"),
        ({"classes": [STAR, {"id": 2, "name": "Star"}]}, "'Star' of id 2 already stands for id 1"),
        (
            {"classes": [STAR, {"id": 2, "name": "ring", "aliases": ["star"]}]},
            "'star' of id 2 already stands for id 1",
        ),
        ({"classes": [{"id": 0, "name": "star"}]}, "classes.0.id"),
        ({"classes": [{"id": 1, "name": "  "}]}, "classes.0.name"),
        ({"classes": [{"id": 1, "name": "star", "alias": ["x"]}]}, "classes.0.alias: there is no such key"),
        ({"classes": [STAR], "prompts": ["a photo"]}, "a prompt needs {} exactly once"),
        ({"classes": [STAR], "prompts": ["{} and {}"]}, "a prompt needs {} exactly once"),
        ({"classes": [STAR], "prompts": ["{name}"]}, "a prompt needs {} exactly once"),
        ({"classes": [STAR], "prompts": []}, "prompts"),
        ({"classes": ["star"]}, "classes.0"),
        ({"classes": "star"}, "classes"),
        ([STAR], "words.json"),
    ],
)
def test_faults_are_named(read, content, message):
    with pytest.raises(UserError) as error:
        read(content)
    assert message in str(error.value)
    assert "words.json" in str(error.value)
    assert error.value.fix


def test_a_list_without_names_is_refused(tmp_path):
    (tmp_path / "words.txt").write_text("# to be filled\n\n")
    with pytest.raises(UserError, match=r"words\.txt: holds no class name"):
        read_vocabulary(tmp_path / "words.txt")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"words\.csv"):
        read_vocabulary(tmp_path / "words.csv")
    with pytest.raises(UserError, match=r"words\.txt"):
        read_vocabulary(tmp_path / "words.txt")


@pytest.mark.parametrize("path", sorted(Path("vocabularies").iterdir()), ids=lambda path: path.name)
def test_those_that_come_along_are_whole(path):
    assert read_vocabulary(path).classes

from uvis_core.io.atomic import read_json
from uvis_core.io.images import read_image
from uvis_core.io.rle import decode_masks
from uvis_core.toy.models_minvis import STREAM, write_training_images
from uvis_core.toy.samples import model_generator, sample_image
from uvis_core.toy.shapes import CLASSES, DISTRACTORS


def test_images_and_annotations_fit_and_know_no_class(tmp_path):
    labels = read_json(write_training_images(tmp_path, 5, seed=3))
    assert [category["name"] for category in labels["categories"]] == ["object"]
    assert len(labels["videos"]) == 5
    for video in labels["videos"]:
        image = read_image(tmp_path / video["file_names"][0])
        assert image.shape[:2] == (video["height"], video["width"])
    for annotation in labels["annotations"]:
        (rle,) = annotation["segmentations"]
        mask = decode_masks([rle["counts"]], *rle["size"])[0]
        assert annotation["category_id"] == 1
        assert annotation["areas"] == [mask.sum()]


def test_equal_seeds_give_equal_files(tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_training_images(tmp_path / name, 2, seed)
    content = {name: (tmp_path / name / "labels.json").read_bytes() for name in "abc"}
    assert content["a"] == content["b"] != content["c"]


def test_augmented_images_have_the_same_annotations(tmp_path):
    clean = write_training_images(tmp_path / "clean", 8, seed=3)
    augmented = write_training_images(tmp_path / "augmented", 8, seed=3, augmented=True)
    assert clean.read_bytes() == augmented.read_bytes()
    files = [video["file_names"][0] for video in read_json(clean)["videos"]]
    changed = [(clean.parent / file).read_bytes() != (augmented.parent / file).read_bytes() for file in files]
    assert 2 <= sum(changed) < 8


def test_only_what_no_vocabulary_names_is_told_apart(tmp_path):
    apart = read_json(write_training_images(tmp_path / "apart", 12, seed=3, told_apart=True))
    alike = read_json(write_training_images(tmp_path / "alike", 12, seed=3))
    assert [category["name"] for category in apart["categories"]] == ["object", *DISTRACTORS]
    named = [annotation["category_id"] for annotation in apart["annotations"]]
    kinds = [
        kind
        for number in range(12)
        for kind in sample_image(model_generator(3, STREAM, number)).kinds.tolist()
    ]
    assert named == [1 if kind < len(CLASSES) else 2 + kind - len(CLASSES) for kind in kinds]
    assert len(set(named)) > 2
    for annotation in apart["annotations"]:
        annotation["category_id"] = 1
    assert apart["annotations"] == alike["annotations"]

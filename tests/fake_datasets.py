"""Small data sets in the exact layout of the published ones: folders, json, class ids, and a few tiny images.

Class lists stand here as the data sets give them, so that the vocabularies of the repository are checked against them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# fmt: off
YTVIS2019 = [
    "person", "giant_panda", "lizard", "parrot", "skateboard", "sedan", "ape", "dog", "snake", "monkey",
    "hand", "rabbit", "duck", "cat", "cow", "fish", "train", "horse", "turtle", "bear", "motorbike",
    "giraffe", "leopard", "fox", "deer", "owl", "surfboard", "airplane", "truck", "zebra", "tiger",
    "elephant", "snowboard", "boat", "shark", "mouse", "frog", "eagle", "earless_seal", "tennis_racket",
]
YTVIS2021 = [
    "airplane", "bear", "bird", "boat", "car", "cat", "cow", "deer", "dog", "duck", "earless_seal",
    "elephant", "fish", "flying_disc", "fox", "frog", "giant_panda", "giraffe", "horse", "leopard",
    "lizard", "monkey", "motorbike", "mouse", "parrot", "person", "rabbit", "shark", "skateboard",
    "snake", "snowboard", "squirrel", "surfboard", "tennis_racket", "tiger", "train", "truck", "turtle",
    "whale", "zebra",
]
OVIS = [
    "Person", "Bird", "Cat", "Dog", "Horse", "Sheep", "Cow", "Elephant", "Bear", "Zebra", "Giraffe",
    "Poultry", "Giant_panda", "Lizard", "Parrot", "Monkey", "Rabbit", "Tiger", "Fish", "Turtle",
    "Bicycle", "Motorcycle", "Airplane", "Boat", "Vehical",
]
# fmt: on


@dataclass(frozen=True)
class Layout:
    """How one data set is laid out under the folder of data sets.

    Attributes:
        json: The annotated json of train.
        images: The folder to which its file names are relative.
        file_name: Pattern of a file name from the video's folder and the frame's number.
        first: Number of the first frame.
        step: Difference of the numbers of two frames.
        classes: Names in the order of their ids, which count from 1.
        occlusion: Whether annotations carry occlusion levels.
    """

    json: str
    images: str
    file_name: str
    first: int
    step: int
    classes: list[str]
    occlusion: bool = False


LAYOUTS = {
    "ytvis2019": Layout(
        "ytvis_2019/train.json", "ytvis_2019/train/JPEGImages", "{}/{:05d}.jpg", 0, 5, YTVIS2019
    ),
    "ytvis2021": Layout(
        "ytvis_2021/train.json", "ytvis_2021/train/JPEGImages", "{}/{:05d}.jpg", 0, 5, YTVIS2021
    ),
    "ovis": Layout(
        "ovis/annotations/annotations_train.json", "ovis/train", "{}/img_{:07d}.jpg", 1, 1, OVIS, True
    ),
}
HEIGHT, WIDTH = 24, 32


def make_dataset(root: Path, name: str, videos: int = 120, frames: int = 2) -> Path:
    """Write a data set; video n shows one object of class n, counted around.

    Args:
        root: The folder of data sets.
        name: A key of ``LAYOUTS``.
        videos: Number of videos of train.
        frames: Frames of each.

    Returns:
        The annotated json.
    """
    layout = LAYOUTS[name]
    listed, annotations = [], []
    image = Image.new("RGB", (WIDTH, HEIGHT), (90, 120, 60))
    for number in range(1, videos + 1):
        folder = f"{number * 2654435761 % 2**32:08x}"
        names = [
            layout.file_name.format(folder, layout.first + layout.step * frame) for frame in range(frames)
        ]
        for file_name in names:
            path = root / layout.images / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
        listed.append({"id": number, "width": WIDTH, "height": HEIGHT, "length": frames, "file_names": names})
        annotation = {
            "id": number,
            "video_id": number,
            "category_id": (number - 1) % len(layout.classes) + 1,
            "iscrowd": 0,
            "height": HEIGHT,
            "width": WIDTH,
            "length": 1,
            "segmentations": [
                {"size": [HEIGHT, WIDTH], "counts": [0, HEIGHT * 4, HEIGHT * (WIDTH - 4)]}
                for _ in range(frames)
            ],
            "areas": [HEIGHT * 4] * frames,
            "bboxes": [[0.0, 0.0, 4.0, float(HEIGHT)]] * frames,
        }
        if layout.occlusion:
            annotation["occlusion"] = ["no_occlusion"] * frames
        annotations.append(annotation)
    content = {
        "info": {"description": f"made-up {name}"},
        "licenses": [],
        "videos": listed,
        "categories": [
            {"id": number, "name": class_name, "supercategory": "object"}
            for number, class_name in enumerate(layout.classes, 1)
        ],
        "annotations": annotations,
    }
    path = root / layout.json
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def make_pictures(root: Path, count: int = 12) -> None:
    """Write a folder of pictures as ImageNet has them: train/<class>/<class>_<number>.JPEG."""
    for number in range(count):
        wnid = f"n{1440764 + number % 3:08d}"
        path = root / "imagenet/train" / wnid / f"{wnid}_{number}.JPEG"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT), (90, 120, 60)).save(path)


def make_davis(root: Path, videos: int = 3, frames: int = 2) -> None:
    """Write videos as DAVIS 2017 has them: frames as JPEG, objects as indices of a PNG with a palette."""
    for video in range(videos):
        for frame in range(frames):
            for folder, mode, suffix in (
                ("JPEGImages", "RGB", "jpg"),
                ("Annotations_unsupervised", "P", "png"),
            ):
                path = root / "davis_2017" / folder / f"480p/video-{video}/{frame:05d}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                image = Image.new(mode, (WIDTH, HEIGHT), 0)
                if mode == "P":
                    image.putpalette([0, 0, 0, 128, 0, 0])
                    image.paste(1, (2, 2, 9, 9))
                image.save(path)

"""A made-up run in a folder: two shards of videos in which squares move, of classes whose names are markup."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.run import RunFolder, open_run
from uvis_core.io.atomic import write_json
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks, mask_areas, mask_boxes
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.schemas.truth import (
    CLASSES_KEY,
    OCCLUSION_FAULT_KEY,
    TRUTH,
    UNKNOWN_OCCLUSION,
    WARNINGS_KEY,
)
from uvis_core.io.tables import embedding_array, fixed_lists, read_table, write_table
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.labels.select import select_labels

HEIGHT, WIDTH, LENGTH, OBJECTS, SIDE = 48, 64, 10, 3, 12
NAMES = {3: "star", 1: "<b>ring</b>", 7: 'dog, "big"'}
"""Not in the order of the ids, and with what must be escaped."""
SHARDS = ("shard-00-of-02", "shard-01-of-02")
VIDEOS = {SHARDS[0]: ("b", "<i>d</i>"), SHARDS[1]: ("a", "c")}
CODED = LabelsSettings(objectness=0.5, class_score=0.4, similarity=0.6, min_area_share=0.01)


def square(frame: int, number: int) -> np.ndarray:
    """Object ``number`` in its row of the picture, moving right by two pixels a frame."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    top = 2 + number * (SIDE + 3)
    mask[top : top + SIDE, 4 + 2 * frame : 4 + 2 * frame + SIDE] = True
    return mask


def write_run(
    folder: Path,
    stages: Sequence[str] = ("frames", "masks", "crops", "prototypes", "labels", "tracks", "truth"),
    seed: int = 0,
) -> RunFolder:
    """Write the tables of some stages of split train below ``folder``/made and open them."""
    run = folder / "made"
    random = np.random.default_rng(seed)
    write_json(
        run / "plan" / "train.json", {"shards": {name: {"videos": 2, "digest": ""} for name in SHARDS}}
    )
    first = 0
    truth: list[dict[str, Any]] = []
    for shard in SHARDS:
        first = _shard(run, shard, stages, random, first, truth)
    if "prototypes" in stages:
        summary = [{"class_id": number, "name": name} for number, name in NAMES.items()]
        columns = {
            "class_id": list(NAMES),
            "prototype_id": [0, 0, 0],
            "centroid": fixed_lists(np.eye(3, 8), pa.float32()),
            "members": [4, 4, 4],
            "mean_similarity": [0.9, 0.9, 0.9],
        }
        write_table(
            run / "prototypes" / "centroids.parquet", PROTOTYPES, columns, {"classes": json.dumps(summary)}
        )
    if "truth" in stages:
        about = {CLASSES_KEY: json.dumps({str(number): name for number, name in NAMES.items()})}
        about |= {WARNINGS_KEY: "[]", OCCLUSION_FAULT_KEY: ""}
        truth.sort(key=lambda row: row["video_id"])
        columns = {name: [row[name] for row in truth] for name in truth[0]}
        columns["number"] = list(range(1, len(truth) + 1))
        write_table(run / "truth" / "train.parquet", TRUTH, columns, about)
    return open_run(run)


def vocabulary() -> Vocabulary:
    """The classes as the labels stage knows them."""
    return Vocabulary.model_validate(
        {"classes": [{"id": number, "name": name} for number, name in NAMES.items()]}
    )


def select(run: RunFolder, settings: LabelsSettings) -> list[dict[str, Any]]:
    """What the labels stage makes of each shard of the run at these thresholds."""
    tables = run.splits["train"].tables
    stages = zip(tables["masks"], tables["crops"], tables["prototypes"], strict=True)
    return [
        select_labels(
            read_table(masks, MASKS),
            read_table(crops, CROPS),
            read_table(similarities, SIMILARITIES),
            settings,
            class_thresholds(settings, vocabulary()),
        )
        for masks, crops, similarities in stages
    ]


def _shard(
    run: Path,
    shard: str,
    stages: Sequence[str],
    random: np.random.Generator,
    first: int,
    truth: list[dict[str, Any]],
) -> int:
    def path(stage: str) -> Path:
        return run / stage / "train" / f"{shard}.parquet"

    keys = [(video, frame) for video in VIDEOS[shard] for frame in range(LENGTH)]
    paths = []
    for number, (_, frame) in enumerate(keys):
        place = run / "images" / f"{shard}-{number}.png"
        image = np.full((HEIGHT, WIDTH, 3), 40, dtype=np.uint8)
        for one in range(OBJECTS):
            image[square(frame, one)] = (80 + 50 * one, 200 - 60 * one, 60)
        write_image(place, image)
        paths.append(str(place))
    size = {"height_px": HEIGHT, "width_px": WIDTH}
    frames = {
        "video_id": [video for video, _ in keys],
        "frame_index": [frame for _, frame in keys],
        "path": paths,
        **{name: [value] * len(keys) for name, value in size.items()},
        "timestamp_s": [frame / 10 for _, frame in keys],
    }
    if "frames" in stages:
        write_table(path("frames"), FRAMES, frames)
    objects = [(video, frame, one) for video, frame in keys for one in range(OBJECTS)]
    count = len(objects)
    counts = encode_masks(np.stack([square(frame, one) for _, frame, one in objects]))
    scattered = np.arange(first, first + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mask_ids = (scattered >> np.uint64(1)).view(np.int64)
    key = {
        "mask_id": mask_ids,
        "video_id": [video for video, _, _ in objects],
        "frame_index": [frame for _, frame, _ in objects],
    }
    # Scores on a grid, so that many of them equal a threshold.
    scores = {
        name: (random.integers(0, 21, count) / 20).astype(np.float32)
        for name in ("objectness", "class_score", "similarity")
    }
    masks = {
        **key,
        "rle_counts": counts,
        **{name: [value] * count for name, value in size.items()},
        "box_xyxy_px": fixed_lists(mask_boxes(counts, HEIGHT, WIDTH), pa.float32()),
        "area_px": mask_areas(counts, HEIGHT, WIDTH) - random.integers(0, 2, count) * 120,
        "objectness": scores["objectness"],
    }
    if "masks" in stages:
        write_table(path("masks"), MASKS, masks, {"settings": json.dumps({"objectness_floor": 0.0})})
    ids = list(NAMES)
    classes = [
        ids[one] if random.random() < 0.7 else ids[int(random.integers(0, 3))] for _, _, one in objects
    ]
    embeddings = np.eye(3, 8)[[ids.index(one) for one in classes]] + random.normal(0, 0.1, (count, 8))
    order = random.permutation(count)  # Crops in another order than masks.
    crops = {
        **{name: [values[place] for place in order] for name, values in key.items()},
        "class_id": [classes[place] for place in order],
        "class_score": scores["class_score"][order],
        "cosine": [0.3] * count,
        "top_class_ids": [[classes[place], ids[0]] for place in order],
        "top_logits": [[3.0, 1.0]] * count,
        "top_cosines": [[0.3, 0.3 - 0.01 * place] for place in order.tolist()],
        "embedding": embedding_array((embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))[order]),
    }
    if "crops" in stages:
        write_table(path("crops"), CROPS, crops)
    if "prototypes" in stages:
        columns = {"mask_id": crops["mask_id"], "class_id": crops["class_id"], "prototype_id": [0] * count}
        write_table(path("prototypes"), SIMILARITIES, columns | {"similarity": scores["similarity"][order]})
    if "labels" in stages:
        folder = run / "labels" / "full" / "train"
        tables = (path("masks"), path("crops"), path("prototypes"))
        schemas = (MASKS, CROPS, SIMILARITIES)
        read = [read_table(one, schema) for one, schema in zip(tables, schemas, strict=True)]
        labels = select_labels(*read, CODED, {})
        write_table(folder / f"{shard}.parquet", LABELS, labels, {"settings": CODED.model_dump_json()})
    if "tracks" in stages:
        folder = run / "tracks" / "full-minvis-memory" / "seed-0" / "train"
        columns = {
            "video_id": key["video_id"],
            "track_id": [one for _, _, one in objects],
            "class_id": [ids[one] for _, _, one in objects],
            "score": [0.9] * count,
            "frame_index": key["frame_index"],
            "rle_counts": counts,
            **{name: [value] * count for name, value in size.items()},
        }
        write_table(folder / f"{shard}.parquet", TRACKS, columns)
    for video in VIDEOS[shard]:
        shown = [
            {
                "object_id": str(one),
                "class_id": ids[one],
                "crowd": False,
                "mean_area_px": float(SIDE**2),
                "occlusion": UNKNOWN_OCCLUSION,
                "frame_index": list(range(LENGTH)),
                "rle_counts": encode_masks(np.stack([square(frame, one) for frame in range(LENGTH)])),
            }
            for one in range(OBJECTS)
        ]
        truth.append({"video_id": video, "number": 0, **size, "frames": LENGTH, "objects": shown})
    return first + count

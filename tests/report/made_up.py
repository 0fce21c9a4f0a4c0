"""A small made-up run: moving squares in two labelled and two tracked videos, with all files of a report."""

import json

import numpy as np

from uvis_core.io.atomic import write_json, write_text
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks, mask_areas, mask_boxes
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.schemas.truth import TRUTH, UNKNOWN_OCCLUSION
from uvis_core.io.tables import embedding_array, read_table, write_table
from uvis_core.report.report import ReportInputs

HEIGHT, WIDTH, LENGTH = 24, 32, 4
NAMES = {1: "star", 2: "ring"}
SCRIPT = "<script>alert('x')</script>"


def square(frame, row):
    """A 6 x 6 square that moves right by 3 pixels a frame."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[row : row + 6, 2 + 3 * frame : 8 + 3 * frame] = True
    return mask


def counts(frame, row):
    return encode_masks(square(frame, row)[None])[0]


def write_frames(folder, split, videos):
    columns = {key: [] for key in ("video_id", "frame_index", "path", "height_px", "width_px", "timestamp_s")}
    for number, video_id in enumerate(videos):
        for frame in range(LENGTH):
            path = folder / "images" / split / f"{number}-{frame}.png"
            image = np.full((HEIGHT, WIDTH, 3), 60 + 20 * number, dtype=np.uint8)
            image[square(frame, 3)] = (200, 40, 40)
            write_image(path, image)
            row = (video_id, frame, str(path), HEIGHT, WIDTH, frame / 6)
            for key, value in zip(columns, row, strict=True):
                columns[key].append(value)
    path = folder / f"{split}-frames.parquet"
    write_table(path, FRAMES, columns, {"code": "abc123", "settings": json.dumps({"jpeg_quality": 95})})
    return [str(path)]


def write_labelled(folder, videos):
    """Two masks per frame: the upper one is kept, the lower one falls at one threshold after the other."""
    masks = {key: [] for key in ("mask_id", "video_id", "frame_index", "rle_counts", "objectness")}
    labels = {
        key: []
        for key in (
            "mask_id",
            "video_id",
            "frame_index",
            "class_id",
            "objectness",
            "class_score",
            "similarity",
            "kept",
            "reason",
        )
    }
    for video_id in videos:
        for frame in range(LENGTH):
            for row, reason in (
                (3, "kept"),
                (14, ("objectness", "class_score", "similarity", "area")[frame]),
            ):
                mask_id = len(masks["mask_id"])
                similarity = -1.0 if reason == "similarity" else 0.85
                values = (mask_id, video_id, frame, counts(frame, row), 0.9)
                for key, value in zip(masks, values, strict=True):
                    masks[key].append(value)
                class_id = 1 if row == 3 else 2
                values = (mask_id, video_id, frame, class_id, 0.9, 0.8, similarity, reason == "kept", reason)
                for key, value in zip(labels, values, strict=True):
                    labels[key].append(value)
    rle = masks["rle_counts"]
    masks |= {
        "height_px": [HEIGHT] * len(rle),
        "width_px": [WIDTH] * len(rle),
        "area_px": mask_areas(rle, HEIGHT, WIDTH),
        "box_xyxy_px": list(mask_boxes(rle, HEIGHT, WIDTH)),
    }
    paths = folder / "masks.parquet", folder / "labels.parquet"
    write_table(paths[0], MASKS, masks)
    settings = {"objectness": 0.7, "class_score": 0.6, "similarity": 0.7}
    write_table(paths[1], LABELS, labels, {"code": "def456", "settings": json.dumps(settings)})
    return [str(paths[0])], [str(paths[1])]


def write_crops(folder, masks):
    """Of every crop the other class is second, and the closer the later the frame."""
    table = read_table(masks, MASKS)
    frames, rows = table["frame_index"].to_numpy(), len(table)
    class_ids = np.array([[1, 2], [2, 1]] * (rows // 2))
    logits = np.stack([np.full(rows, 4.0), frames * 1.0], axis=1)
    columns = {name: table[name] for name in ("mask_id", "video_id", "frame_index")}
    columns |= {
        "class_id": class_ids[:, 0],
        "class_score": np.full(rows, 0.8),
        "cosine": np.full(rows, 0.3),
        "top_class_ids": list(class_ids),
        "top_logits": list(logits),
        "top_cosines": list(logits / 100),
        "embedding": embedding_array(np.ones((rows, 2))),
    }
    path = folder / "crops.parquet"
    write_table(path, CROPS, columns)
    return [str(path)]


def write_tracked(folder, videos):
    """One good track, and one under the least score that clips show."""
    columns = {key: [] for key in ("video_id", "track_id", "class_id", "score", "frame_index", "rle_counts")}
    for video_id in videos:
        for track_id, class_id, score, row in ((0, 1, 0.9, 3), (1, 2, 0.1, 14)):
            for frame in range(LENGTH):
                values = (video_id, track_id, class_id, score, frame, counts(frame, row))
                for key, value in zip(columns, values, strict=True):
                    columns[key].append(value)
    columns |= {"height_px": [HEIGHT] * len(columns["score"]), "width_px": [WIDTH] * len(columns["score"])}
    path = folder / "tracks.parquet"
    write_table(path, TRACKS, columns)
    return [str(path)]


def write_truth(folder, split, videos):
    """One object per video, which the last frame does not show."""
    shown = range(LENGTH - 1)
    columns = {
        "video_id": videos,
        "number": range(1, len(videos) + 1),
        "height_px": [HEIGHT] * len(videos),
        "width_px": [WIDTH] * len(videos),
        "frames": [LENGTH] * len(videos),
        "objects": [
            [
                {
                    "object_id": str(number),
                    "class_id": 1,
                    "crowd": False,
                    "mean_area_px": 36.0,
                    "occlusion": UNKNOWN_OCCLUSION,
                    "frame_index": list(shown),
                    "rle_counts": [counts(frame, 3) for frame in shown],
                }
            ]
            for number in range(1, len(videos) + 1)
        ],
    }
    path = folder / f"{split}.parquet"
    write_table(path, TRUTH, columns)
    return str(path)


def write_benchmarks(folder):
    """Snakemake's files of a job, and of one too short to be measured."""
    header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    row = "75.5\t0:01:15\t3000.0\t9000.0\t1900.0\t2048.0\t1.0\t2.0\t99.0\t74.8\n"
    write_text(folder / "masks" / "train" / "shard-0.tsv", header + row)
    write_text(folder / "labels" / "full.tsv", header + "0.25\t0:00:00" + "\tNA" * 8 + "\n")
    write_text(folder / "tracks" / "cut-off.tsv", header)
    return str(folder)


FIGURES = {
    "AP": 0.4321,
    "AP50": 0.75,
    "AP75": 0.5,
    "APs": 0.25,
    "APl": -1,
    "AR1": 0.125,
    "AR10": 0.625,
    "per_class": [
        {
            "class_id": 1,
            "name": "star",
            "AP": 0.8642,
            "AP50": 1.0,
            "AR10": 0.9,
            "truths": 2,
            "predictions": 2,
        },
        {"class_id": 2, "name": "ring", "AP": -1, "AP50": -1, "AR10": -1, "truths": 0, "predictions": 2},
    ],
    "precision_recall": {
        "recall": [0.0, 0.5, 1.0],
        "precision_iou50": [1.0, 0.9, 0.4],
        "precision_iou75": [1.0, 0.7, 0.1],
        "precision_mean": [1.0, 0.6, 0.0],
    },
    "class_curves": [
        {
            "class_id": 1,
            "name": "star",
            "iou50": {"recall": [0.5, 1.0], "precision": [1.0, 0.0]},
            "iou75": {"recall": [1.0], "precision": [0.25]},
        }
    ],
    "confusion": {"class_ids": [1, 2], "matrix": [[3, 1], [0, 0]], "missed": [0, 0]},
    "identity_switches": [{"video_id": "clip-test", "frame_index": 1, "annotation_id": "1", "class_id": 1}],
    "per_video": [{"video_id": "clip-test", "truths": 1, "predictions": 2, "mean_iou": 0.875}],
}
SWEEP = {
    "thresholds": [0.0, 0.5, 1.0],
    "mF1": [0.5, 0.6, 0.0],
    "precision": [0.5, 0.75, -1.0],
    "recall": [0.75, 0.5, 0.0],
}
QUALITY = {
    "mF1": 0.625,
    "precision": 0.75,
    "recall": 0.5,
    "per_class": [{"class_id": 1, "F1": 0.625}, {"class_id": 2, "F1": -1.0}],
    "sweeps": {
        "objectness": {"configured": 0.5, **SWEEP},
        "class_score": {"configured": 0.7, **SWEEP},
        "similarity": {"configured": None, **SWEEP},
    },
}
CONFIGURATION = {
    "dataset": "made-up",
    "shards": 1,
    "masks": {"objectness_floor": 0.1},
    "experiments": {"uvis": {"labels": "full", "training": "minvis", "tracks": "memory"}},
    "run": ["uvis"],
}


def figures_of(video_id):
    """The figures of a run that has a video of this name."""
    named = {
        key: [{**row, "video_id": video_id} for row in FIGURES[key]]
        for key in ("identity_switches", "per_video")
    }
    return FIGURES | named


def write_run(folder, video_name="clip", class_name="star"):
    train, test = [f"{video_name}-train", "second-train"], [f"{video_name}-test", "second-test"]
    vocabulary = folder / "vocabulary.json"
    classes = [{"id": key, "name": class_name if key == 1 else name} for key, name in NAMES.items()]
    write_json(vocabulary, {"classes": classes})
    metrics = "".join(
        json.dumps(
            {
                "step": step,
                "loss": 9 / step,
                "loss_class": 3 / step,
                "loss_mask": 3 / step,
                "loss_dice": 3 / step,
                "learning_rate": 1e-4,
            }
        )
        + "\n"
        for step in (1, 2, 3)
    )
    write_text(folder / "metrics.jsonl", metrics)
    write_json(folder / "figures.json", figures_of(test[0]))
    write_json(folder / "quality.json", QUALITY)
    write_json(folder / "configuration.json", CONFIGURATION)
    failure = {"video_id": video_name, "path": "x.mp4", "reason": "breaks off after 1.00 of 2.00 seconds"}
    write_json(folder / "train.json", {"videos": 3, "failed": 1, "frames": 8, "failures": [failure]})
    masks, labels = write_labelled(folder, train)
    return ReportInputs(
        dataset="made-up",
        vocabulary=str(vocabulary),
        train_frames=write_frames(folder, "train", train),
        masks=masks,
        labels=labels,
        crops=write_crops(folder, masks[0]),
        frames=write_frames(folder, "test", test),
        tracks=write_tracked(folder, test),
        evaluations={"uvis": str(folder / "figures.json")},
        truth=write_truth(folder, "test-truth", test),
        train_truth=write_truth(folder, "train-truth", train),
        label_quality=str(folder / "quality.json"),
        frames_summaries=[str(folder / "train.json")],
        metrics=str(folder / "metrics.jsonl"),
        model=str(folder / "model.safetensors"),
        exports=["results/made-up/exports/ytvis"],
        benchmarks=write_benchmarks(folder / "benchmarks"),
        configuration=str(folder / "configuration.json"),
    )

"""The readers that are searched, in words. Light: what reads is imported where it is needed alone."""

AREAS = {
    "documents": {
        "truth": "annotations in YTVIS or OVIS json",
        "predictions": "predictions in YTVIS json",
        "source": "videos listed in YTVIS json",
        "run-lengths": "masks in json",
        "vocabulary-json": "class names in json",
        "vocabulary-text": "class names in text",
        "configuration": "YAML",
    },
    "weights": {
        "safetensors": "weights in safetensors",
        "pickles": "weights in pickles",
        "torch-files": "weights in torch's archives",
        "legacy-torch-files": "weights in torch's files before 1.6",
        "checkpoints": "config.json of a checkpoint",
    },
    "tables": {
        "masks-parquet": "Parquet of masks",
        "crops-parquet": "Parquet of crops",
        "truth-parquet": "Parquet of truth",
        "plan-parquet": "Parquet of the plan",
        "samples-arrow": "Arrow file of training samples",
    },
    "pictures": {
        "mp4": "videos in MP4",
        "containers": "videos in Matroska, WebM, AVI, MPEG-TS",
        "images": "JPEG, PNG, WebP, BMP, TIFF, GIF, PPM",
        "davis": "images of object numbers",
    },
}
"""The targets by the module here that holds them, each with what it reads."""

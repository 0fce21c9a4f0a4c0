from uvis_core.weights.known import known, local_file, registry
from uvis_core.weights.needed import (
    check_weights,
    fetched_names,
    open_clip_file,
    stage_files,
    with_local_files,
)

WEIGHTS = CONFIG.weights_folder
WEIGHTS_OF = {"masks": CONFIG.masks, "crops": CONFIG.crops, "training": CONFIG.training}

for stage, settings in WEIGHTS_OF.items():
    or_exit(check_weights, settings, stage)


def weights_files(stage):
    """The files of weights that a stage loads, fetched ones by their local path."""
    return stage_files(WEIGHTS_OF[stage], WEIGHTS)


def weights_flags(stage, leave_out=()):
    """A stage's settings as flags, with the local file in place of every known name."""
    return flags(with_local_files(WEIGHTS_OF[stage], WEIGHTS), leave_out=leave_out)


def clip_file_flag():
    """Where the weights of an open_clip tag were fetched to; nothing where the configuration names a file."""
    path = open_clip_file(CONFIG.crops, WEIGHTS)
    return shlex.join(["--weights-file", str(path)]) if path else ""


def clip_memory_mb(wildcards, input):
    """Room for the model beside the file that it is read from; a small model needs no more than the data do."""
    size_mb = sum(os.path.getsize(path) for path in input.weights) / 1024**2
    return max(4000, int(4000 + 2 * size_mb))


def all_weights():
    """Every file of weights that the configuration needs from elsewhere."""
    published = [str(local_file(name, WEIGHTS)) for name in fetched_names(*WEIGHTS_OF.values())]
    loaded = [path for stage in WEIGHTS_OF for path in weights_files(stage)]
    return list(dict.fromkeys(published + [path for path in loaded if Path(path).is_relative_to(WEIGHTS)]))


def published_name(wildcards):
    """The known name behind a file in the folder of weights."""
    return next(name for name, entry in registry().items() if entry.file == wildcards.file)


def published_file(wildcards):
    """What a converted checkpoint is made of."""
    return str(local_file(wildcards.name, WEIGHTS))


def published_layout(wildcards):
    """Whose layout it has."""
    return known(wildcards.name).converted_from

"""Which weights a configuration names, and the local files that stand for them.

Read while the workflow is parsed: nothing slow is imported here, and nothing is fetched.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from uvis_core.config.base import Settings, SettingsType, WeightsRole, nested_settings, weights_roles
from uvis_core.config.crops import CropsSettings
from uvis_core.io.errors import UserError
from uvis_core.weights.known import known, loadable_file, local_file, registry
from uvis_core.weights.pins import check_pinned

OPEN_CLIP_FOLDER = "open_clip"
OPEN_CLIP_SUFFIX = ".weights"


class NamedWeights(NamedTuple):
    """One key of the settings that names weights.

    Attributes:
        key: Dotted path of the key below the settings, such as ``model.weights``.
        roles: What weights may stand there.
        value: A path, or a name.
    """

    key: str
    roles: tuple[WeightsRole, ...]
    value: str


def named_weights(settings: Settings, prefix: str = "") -> Iterator[NamedWeights]:
    """Every key of the settings, however deep, that names weights and is set."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if nested_settings(field) is not None:
            yield from named_weights(value, f"{prefix}{name}.")
        elif weights_roles(field) and value is not None:
            # Where a backend is chosen, it decides which of the weights that the key takes go there.
            chosen = getattr(settings, "backend_weights", None)
            yield NamedWeights(f"{prefix}{name}", (chosen,) if chosen else weights_roles(field), value)


def is_path(value: str) -> bool:
    """Whether a value is meant as a file: it has a suffix or a folder, or is one."""
    return bool(Path(value).suffix) or "/" in value or Path(value).exists()


def open_clip_file(settings: CropsSettings, folder: Path | str) -> Path | None:
    """Where the weights of an open_clip tag lie once they are fetched; None where the settings name no tag."""
    if settings.backend != "open_clip" or settings.weights in registry() or is_path(settings.weights):
        return None
    return Path(folder) / OPEN_CLIP_FOLDER / settings.model / f"{settings.weights}{OPEN_CLIP_SUFFIX}"


def check_weights(settings: Settings, stage: str) -> None:
    """Refuse a name that nobody knows, and one that is known for something else.

    Raises:
        UserError: Names the key, the value and the names that would do.
    """
    tag = isinstance(settings, CropsSettings) and open_clip_file(settings, "") is not None
    for key, roles, value in named_weights(settings):
        fitting = [name for name, entry in registry().items() if set(entry.roles) & set(roles)]
        choice = f"a file, or a known name: {', '.join(fitting) or 'there is none for this key'}"
        if value in registry():
            if value not in fitting:
                raise UserError(
                    f"{stage}.{key}: {value!r} is {known(value).what}, which does not go here",
                    fix=f"give {choice}",
                )
            _check_stride(settings, f"{stage}.{key}", value)
        elif not is_path(value) and not (tag and key == "weights"):
            near = get_close_matches(value, fitting, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UserError(
                f"{stage}.{key}: {value!r} is neither a file nor a known name", fix=f"{hint}give {choice}"
            )


def check_files(settings: Settings, folder: Path | str) -> None:
    """Refuse fetched files that are not what they were when they were first fetched or used; pin them where needed.

    Cheap enough for every job: a file is read only where its size or time of change is not what it was.

    Raises:
        UserError: A file has another content; names both hashes and the way out.
    """
    for name in fetched_names(settings):
        path = local_file(name, folder)
        if path.exists():
            check_pinned(path, known(name).sha256, known(name).address)
    tagged = open_clip_file(settings, folder) if isinstance(settings, CropsSettings) else None
    if tagged and tagged.exists():
        check_pinned(tagged)


def _check_stride(settings: Settings, key: str, name: str) -> None:
    """Where the strides sit leaves no trace in the tensors, so a wrong setting would go unnoticed."""
    model = getattr(settings, "model", None)
    wanted, given = known(name).stride_in_1x1, getattr(model, "downsample_in_bottleneck", None)
    if wanted is not None and given is not None and wanted != given:
        place = "first 1 x 1" if wanted else "3 x 3"
        raise UserError(
            f"{key}: {name} has stride 2 in the {place} convolution of a stage, the model is set to the other",
            fix=f"set {key.rsplit('.', 1)[0]}.model.downsample_in_bottleneck to {str(wanted).lower()}",
        )


def with_local_files(settings: SettingsType, folder: Path | str) -> SettingsType:
    """The settings with every known name replaced by the file that a stage loads."""
    replaced = {}
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if nested_settings(field) is not None:
            replaced[name] = with_local_files(value, folder)
        elif weights_roles(field) and value in registry():
            replaced[name] = str(loadable_file(value, folder))
    return settings.model_copy(update=replaced)


def stage_files(settings: Settings, folder: Path | str) -> list[str]:
    """The local files of weights that a stage with these settings loads."""
    files = [Path(named.value) for named in named_weights(with_local_files(settings, folder))]
    if isinstance(settings, CropsSettings):
        tagged = open_clip_file(settings, folder)
        files = [tagged] if tagged else files
        files += [Path(settings.model)] if settings.model.endswith(".json") else []
    return [str(path) for path in files]


def fetched_names(*stages: Settings) -> list[str]:
    """The known names that the settings of these stages need, each once."""
    values = [named.value for settings in stages for named in named_weights(settings)]
    return [name for name in dict.fromkeys(values) if name in registry()]

"""The classes that a run looks for: ids, names, aliases and prompts."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from uvis_core.config.base import Settings, flag_value, validated
from uvis_core.config.faults import Misfit
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.io.text import read_text, unseen_character

# Supplement B2 of the paper.
PAPER_PROMPTS = (
    "a photo of {}",
    "a photo of {} doing",
    "a photo of {} moving",
    "a photo of {} with",
    "a photo of {} on",
    "a photo of {} in",
    "a photo of {} at",
)


LONGEST_WORD = 100
"""Characters of a name or alias; pages show them in full, and CLIP reads no more than 77 tokens."""


LIST_MARKS = ("- ", "* ", "[", "{", "---")
"""What lists of other formats begin with."""


def _checked_template(template: str) -> str:
    if template.count("{") != 1 or template.count("}") != 1 or "{}" not in template:
        raise ValueError("a prompt needs {} exactly once, where the class name goes")
    return template


def _seen(text: str) -> str:
    unseen = unseen_character(text)
    if unseen is not None:
        raise Misfit(f"{text!r} holds a character that is not seen, {unseen!a}", fix="write it without")
    return text


def _short(text: str) -> str:
    if len(text) > LONGEST_WORD:
        raise Misfit(
            f"{text[:LONGEST_WORD]!r}… has {len(text)} characters, more than {LONGEST_WORD}",
            fix="give a word or a few; descriptions belong into prompts",
        )
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_seen)]
Word = Annotated[Text, AfterValidator(_short)]
Template = Annotated[Text, AfterValidator(_checked_template)]


def folded(phrase: str) -> str:
    """A phrase without what a reader takes for the same: case, spaces, and the form of accents and letters."""
    return " ".join(unicodedata.normalize("NFKC", phrase).casefold().split())


class VocabularyClass(Settings):
    """One class."""

    id: int = Field(
        ge=1,
        le=2**31 - 1,
        description="Category id in truth and results, of 32 bits; evaluators read 0 as unmatched.",
    )
    name: Word = Field(description="Name in files; underscores become spaces in prompts.")
    aliases: tuple[Word, ...] = Field(
        (), description="Other words for it; a crop close to any of them counts."
    )
    prompts: tuple[Template, ...] | None = Field(
        None, min_length=1, description="Templates of this class, in place of the vocabulary's."
    )

    @property
    def phrases(self) -> list[str]:
        """The readable name and the aliases."""
        return list(dict.fromkeys(text.replace("_", " ") for text in (self.name, *self.aliases)))


class Vocabulary(Settings):
    """All classes, and the prompt templates that they share."""

    classes: tuple[VocabularyClass, ...] = Field(
        min_length=1, description="The classes; ids and words are unique."
    )
    prompts: tuple[Template, ...] = Field(
        PAPER_PROMPTS, min_length=1, description="Templates with {} in the place of the class name."
    )

    @model_validator(mode="after")
    def _unique(self) -> "Vocabulary":
        names: dict[int, str] = {}
        owners: dict[str, int] = {}
        for entry in self.classes:
            if entry.id in names:
                raise ValueError(f"classes {names[entry.id]!r} and {entry.name!r} share the id {entry.id}")
            names[entry.id] = entry.name
            for phrase in entry.phrases:
                owner = owners.setdefault(folded(phrase), entry.id)
                if owner != entry.id:
                    raise ValueError(
                        f"{phrase!r} of id {entry.id} already stands for id {owner} ({names[owner]!r})"
                    )
        return self

    @property
    def class_ids(self) -> list[int]:
        """Ids in the vocabulary's order."""
        return [entry.id for entry in self.classes]

    def prompts_of(self, entry: VocabularyClass) -> list[str]:
        """Every template of the class filled with its name and each of its aliases."""
        templates = entry.prompts or self.prompts
        return [template.replace("{}", phrase) for phrase in entry.phrases for template in templates]


def read_vocabulary(path: Path | str) -> Vocabulary:
    """Read a vocabulary: JSON in the form of ``Vocabulary``, or text with one class name per line.

    In text, ids count from 1, and empty lines and those that begin with ``#`` are left out.

    Raises:
        UserError: The file is missing, or a key, id or name in it is wrong; says which.
    """
    path = Path(path)
    if path.suffix == ".json":
        content = read_json(path)
        _refuse_thresholds(path, content)
        return validated(Vocabulary, content, str(path))
    if path.suffix == ".txt":
        return validated(Vocabulary, {"classes": list(_named_lines(path))}, str(path))
    raise UserError(f"{path}: a vocabulary is a .txt or a .json file", fix="rename or rewrite the file")


def _refuse_thresholds(path: Path, content: Any) -> None:
    """Tell where thresholds of classes live, which stood in the vocabulary once."""
    classes = content.get("classes") if isinstance(content, dict) else None
    entries = [entry for entry in classes if isinstance(entry, dict)] if isinstance(classes, list) else []
    found = {entry.get("name"): entry["thresholds"] for entry in entries if "thresholds" in entry}
    if found:
        raise UserError(
            f"{path}: holds thresholds of {', '.join(map(str, found))}; they belong to a labels variant, so that "
            "another value reruns the labels alone",
            fix="take them out of the vocabulary and write into the configuration: "
            f"labels: {{variants: {{full: {{classes: {flag_value(found)}}}}}}}",
        )


def _named_lines(path: Path) -> Iterator[dict[str, Any]]:
    # Not by splitlines, which would also divide a name at characters that nobody sees.
    lines = read_text(path, "check the key vocabulary in the configuration").split("\n")
    names = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    marked = next((name for name in names if name.startswith(LIST_MARKS)), None)
    if marked is not None:
        raise UserError(
            f"{path}: {marked[:LONGEST_WORD]!r} is no class name but looks like a list or a block of keys",
            fix="write one class name per line and nothing else, or a .json with the key classes",
        )
    if not names:
        raise UserError(f"{path}: holds no class name", fix="write one class name per line")
    return ({"id": number, "name": name} for number, name in enumerate(names, start=1))

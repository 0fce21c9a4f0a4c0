"""Lists of class names."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import BadInput, refusal
from uvis_core.config.labels import ClassThresholds, LabelsSettings
from uvis_core.io.class_thresholds import check_classes
from uvis_core.io.vocabulary import Vocabulary, VocabularyClass, read_vocabulary
from uvis_core.pages.render import render_page

MANY = 5000


def content_of(content: Any) -> bytes:
    """Text and bytes as they are, anything else as json."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def refused(what: str, content: Any, *words: str) -> BadInput:
    """A file that ends the run; its suffix follows from its content."""
    name = "classes.txt" if isinstance(content, bytes | str) else "classes.json"

    def meet(folder: Path) -> str:
        (folder / name).write_bytes(content_of(content))
        return refusal(read_vocabulary, folder / name)

    return BadInput(what, meet, "refused", (name, *words, "fix:"))


def broken_json(what: str, content: bytes, *words: str) -> BadInput:
    """Bytes that end the run because they are no json."""

    def meet(folder: Path) -> str:
        (folder / "classes.json").write_bytes(content)
        return refusal(read_vocabulary, folder / "classes.json")

    return BadInput(what, meet, "refused", ("classes.json", *words, "fix:"))


def no_file(what: str, make: Callable[[Path], object], *words: str) -> BadInput:
    """A path that leads to no file."""

    def meet(folder: Path) -> str:
        make(folder / "classes.txt")
        return refusal(read_vocabulary, folder / "classes.txt")

    return BadInput(what, meet, "refused", ("classes.txt", *words, "fix:"))


def accepted(what: str, content: Any, *names: str, file: str = "classes.txt") -> BadInput:
    """A file that is read as these names, and no others."""

    def meet(folder: Path) -> str:
        (folder / file).write_bytes(content_of(content))
        found = [entry.name for entry in read_vocabulary(folder / file).classes]
        assert found == list(names)
        return "\n".join(found)

    return BadInput(what, meet, "accepted", names[:1])


def escaped(folder: Path) -> str:
    """A name of markup on a page."""
    (folder / "classes.txt").write_text("<script>alert(1)</script>\n")
    (folder / "page.html").write_text("{{ name }}")
    return render_page(
        folder / "page.html", {"name": read_vocabulary(folder / "classes.txt").classes[0].name}
    )


def many(folder: Path) -> str:
    """Thousands of names."""
    (folder / "classes.txt").write_text("".join(f"thing {number}\n" for number in range(MANY)))
    return f"{len(read_vocabulary(folder / 'classes.txt').classes)} classes"


def other_suffix(folder: Path) -> str:
    """A table."""
    (folder / "classes.csv").write_text("1,dog\n")
    return refusal(read_vocabulary, folder / "classes.csv")


def thresholds_of(name: str) -> Callable[[Path], str]:
    """A labels variant with thresholds for a class, in a vocabulary of stars."""

    def meet(folder: Path) -> str:
        vocabulary = Vocabulary(classes=(VocabularyClass(id=1, name="star"),))
        settings = LabelsSettings(classes={name: ClassThresholds(similarity=0.5)})
        return refusal(check_classes, {"full": settings}, vocabulary)

    return meet


def classes(*entries: Any, **keys: Any) -> dict[str, Any]:
    """A vocabulary in json, of stars and other classes."""
    return {"classes": [{"id": 1, "name": "star"}, *entries], **keys}


UNSEEN = "holds a character that is not seen"

CASES = [
    no_file("no file", lambda path: None, "no such file", "vocabulary"),
    no_file("a folder", lambda path: path.mkdir(), "no file but a folder or a pipe"),
    no_file("a pipe that nobody writes to", os.mkfifo, "no file but a folder or a pipe"),
    no_file(
        "a loop of links",
        lambda path: path.symlink_to(path.name),
        "no file (Too many levels of symbolic links)",
    ),
    BadInput(
        "a table", other_suffix, "refused", ("classes.csv: a vocabulary is a .txt or a .json file", "fix:")
    ),
    refused("an empty file", "", "holds no class name"),
    refused("comments alone", "# to be filled\n\n", "holds no class name"),
    refused("UTF-16", "dog\ncat\n".encode("utf-16"), "is no text in UTF-8", "save it as UTF-8"),
    refused("UTF-16 without a byte order mark", "dog\n".encode("utf-16-le"), UNSEEN, r"'\x00'"),
    refused("Latin-1", "caf\u00e9\n".encode("latin-1"), "is no text in UTF-8"),
    refused("a zero byte in a name", "do\0g\n", r"'do\x00g'", UNSEEN),
    refused("a tab in a name", "1\tdog\n", UNSEEN, r"'\t'"),
    refused("a form feed between names", "dog\x0ccat\n", UNSEEN, r"'\x0c'"),
    refused("a line separator of Unicode between names", "dog\u2028cat\n", UNSEEN, r"'\u2028'"),
    refused("a mark that turns the direction of reading", "dog\u202etac\n", UNSEEN, r"'\u202e'"),
    refused("a space of no width", "dog\u200b\n", UNSEEN, r"'\u200b'"),
    refused("a byte order mark amid the names", "dog\n\ufeffcat\n", UNSEEN, r"'\ufeff'"),
    refused(
        "half a character",
        {"classes": [{"id": 1, "name": "\ud800"}]},
        "classes.0.name: holds half a character",
    ),
    refused("a name of 3,000 characters", "x" * 3000, "classes.0.name", "has 3000 characters, more than 100"),
    refused(
        "an alias of 3,000 characters",
        classes({"id": 2, "name": "dog", "aliases": ["x" * 3000]}),
        "aliases.0",
    ),
    refused("a name twice", "dog\ncat\ndog\n", "'dog' of id 3 already stands for id 1"),
    refused("a name twice, apart by case", "dog\nDog\n", "'Dog' of id 2 already stands for id 1 ('dog')"),
    refused("a name twice, apart by spaces", "sea lion\nsea  lion\n", "'sea  lion' of id 2 already stands"),
    refused(
        "a name twice, apart by an underscore", "sea lion\nsea_lion\n", "of id 2 already stands for id 1"
    ),
    refused(
        "a name twice, apart by the form of an accent",
        "caf\u00e9\ncafe\u0301\n",
        "of id 2 already stands for id 1",
    ),
    refused(
        "a name twice, apart by the width of letters", "dog\n\uff44\uff4f\uff47\n", "of id 2 already stands"
    ),
    refused(
        "an alias that is another's name",
        classes({"id": 2, "name": "ring", "aliases": ["Star"]}),
        "already stands",
    ),
    refused("a list in YAML", "- dog\n- cat\n", "'- dog' is no class name", "one class name per line"),
    refused("a block in YAML", "---\nclasses:\n", "'---' is no class name"),
    refused("json that is named txt", '["dog", "cat"]\n', "is no class name but looks like a list"),
    broken_json("text that is named json", b"dog\ncat\n", "not valid JSON"),
    broken_json("json that breaks off", b'{"classes": [', "not valid JSON"),
    broken_json("json of 100,000 levels", b"[" * 100_000, "not valid JSON"),
    refused(
        "a json list of names",
        ["dog", "cat"],
        "should be a block of keys",
        "give it the keys classes, prompts",
    ),
    refused("a typo of a key", {"clases": []}, "clases: there is no such key", "did you mean 'classes'?"),
    refused(
        "a typo of a key of a class", classes({"id": 2, "nam": "x"}), "classes.1.nam", "did you mean 'name'?"
    ),
    refused("no classes", {"classes": []}, "classes: should have at least 1 of them, got []"),
    refused("classes that are one text", {"classes": "star"}, "classes: should be a list, got 'star'"),
    refused(
        "a class that is a text", {"classes": ["star"]}, "classes.0: should be a block of keys, got 'star'"
    ),
    refused("a class without a name", classes({"id": 2}), "classes.1.name: is missing"),
    refused("a name of spaces", classes({"id": 2, "name": "  "}), "classes.1.name: is empty"),
    refused("a name that is a number", classes({"id": 2, "name": 7}), "classes.1.name", "got 7"),
    refused("a name that is true", classes({"id": 2, "name": True}), "classes.1.name: True"),
    refused("an id twice", classes({"id": 1, "name": "ring"}), "'star' and 'ring' share the id 1"),
    refused(
        "an id of 0", classes({"id": 0, "name": "ring"}), "classes.1.id", "greater than or equal to 1, got 0"
    ),
    refused("an id that is NaN", classes({"id": float("nan"), "name": "ring"}), "NaN is no number of JSON"),
    refused(
        "an id beyond 32 bits", classes({"id": 10**12, "name": "ring"}), "classes.1.id", "got 1000000000000"
    ),
    refused(
        "a prompt without a place for the name", classes(prompts=["a photo"]), "prompts.0", "{} exactly once"
    ),
    refused("a prompt of a line break", classes(prompts=["a\n{}"]), "prompts.0", UNSEEN),
    refused("no prompts", classes(prompts=[]), "prompts: should have at least 1 of them"),
    BadInput(
        "thresholds of an unknown class",
        thresholds_of("Star"),
        "refused",
        ("labels.variants.full.classes.Star: the vocabulary has no class", "did you mean 'star'?", "fix:"),
    ),
    BadInput(
        "thresholds of a class of an empty name",
        thresholds_of(""),
        "refused",
        ("labels.variants.full.classes.: the vocabulary has no class", "name one of star", "fix:"),
    ),
    accepted("a byte order mark", "\ufeffdog\ncat\n", "dog", "cat"),
    accepted(
        "a byte order mark before json", b"\xef\xbb\xbf" + content_of(classes()), "star", file="classes.json"
    ),
    accepted("line ends of Windows", "dog\r\ncat\r\n", "dog", "cat"),
    accepted("line ends of old Macs", "dog\rcat\r", "dog", "cat"),
    accepted("empty lines, comments and spaces around names", "\n# mine\n  dog \n\n", "dog"),
    accepted("names in other scripts", "犬\nсобака\nسگ\u200cها\n", "犬", "собака", "سگ\u200cها"),
    BadInput("a name of markup, on a page", escaped, "accepted", ("&lt;script&gt;alert(1)&lt;/script&gt;",)),
    BadInput(f"{MANY:,} names", many, "accepted", (f"{MANY} classes",)),
]

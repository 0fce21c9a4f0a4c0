"""Files that ``--configfile`` lays over the embedded configuration; what Snakemake refuses itself, it says itself."""

from pathlib import Path

from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

from tests.bad_inputs.case import BadInput
from tests.bad_inputs.configuration import embedded
from uvis_core.config.files import check_file
from uvis_core.config.root import load_configuration
from uvis_core.io.errors import UserError

LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
)


def met(path: Path) -> str:
    """What a user reads of a file: Snakemake opens it, then the workflow looks at it and at what it holds."""
    values = embedded()
    try:
        over = load_configfile(path)
        check_file(path)
        update_config(values, over)
        configuration = load_configuration(values)
    except (WorkflowError, UserError) as error:
        return str(error)
    return f"taken, with {configuration.shards.train} shards"


def file(
    what: str, content: str | bytes, *words: str, suffix: str = ".yaml", outcome: str = "refused"
) -> BadInput:
    """A file of this content."""

    def meet(folder: Path) -> str:
        path = folder / f"mine{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        said = met(path)
        assert said.startswith("taken") == (outcome == "accepted"), said
        return said

    return BadInput(what, meet, outcome, words)  # type: ignore[arg-type]


CASES = [
    file(
        "a key twice",
        "shards: 4\nvocabulary: null\nshards: 8\n",
        "mine.yaml",
        "'shards' stands twice",
        "lines 1 and 3",
        "fix:",
    ),
    file(
        "a key twice in one line",
        "frames: {stride: 1, stride: 2}\n",
        "mine.yaml",
        "'stride' stands twice",
        "lines 1 and 1",
    ),
    file(
        "a key twice in json",
        '{"shards": 4, "shards": 8}',
        "mine.json",
        "'shards' stands twice",
        suffix=".json",
    ),
    file(
        "aliases that repeat each other a billion times",
        LAUGHS,
        "mine.yaml",
        "more than 100000 keys and values",
        "fix:",
    ),
    file(
        "a list that holds itself", "seeds: &all [1, *all]\n", "mine.yaml: line 1", "keys and values", "fix:"
    ),
    file("a list in place of keys", "- shards: 4\n", "with keys at top level"),
    file("a text in place of keys", "shards\n", "with keys at top level"),
    file("nothing", "", "with keys at top level"),
    file("comments alone", "# mine\n", "with keys at top level"),
    file("tabs", "frames:\n\tstride: 2\n", "not valid JSON or YAML", "tab indentation"),
    file("a brace that is missing", "frames: {stride: 2\n", "not valid JSON or YAML"),
    file("a zero byte", b"shards: 4\0\n", "not valid JSON or YAML"),
    file(
        "a tag that would make an object", "shards: !!python/object:os.system {}\n", "not valid JSON or YAML"
    ),
    file(
        "a tag that would run a program",
        "shards: !!python/object/apply:os.system [ls]\n",
        "not valid JSON or YAML",
    ),
    file("two documents", "shards: 4\n---\nshards: 8\n", "not valid JSON or YAML"),
    file(
        "NaN in json",
        '{"frames": {"fps": NaN}}',
        "frames.fps",
        "finite number, got nan",
        "fix:",
        suffix=".json",
    ),
    file("yes without quotes", "dataset: yes\n", "dataset: True is no value of it", "in quotes", "fix:"),
    file(
        "a date without quotes",
        "dataset: 2026-11-21\n",
        "dataset: ",
        "got datetime.date(2026, 11, 21)",
        "fix:",
    ),
    file("an exponent without a point", "toy: {fps: 1e1}\n", "taken", outcome="accepted"),
    file("a byte order mark", b"\xef\xbb\xbfshards: 7\n", "taken, with 7 shards", outcome="accepted"),
    file(
        "an alias",
        "labels: {variants: {full: &one {similarity: 0.6}, tau_50: *one}}\n",
        "taken",
        outcome="accepted",
    ),
]

"""Write docs/configuration.md from the settings classes."""

import argparse

from uvis_core.config.docs import configuration_markdown
from uvis_core.io.atomic import write_text
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Generate the page and write it."""
    write_text(arguments.output, configuration_markdown())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--output", default="docs/configuration.md", help="the Markdown file (default: %(default)s)"
    )
    run_job(main, parser)

from tests.lint_rules import faults

MIXED = """Lints for snakefile rules/a.smk:
    * Mixed rules and functions in same snakefile.:
      Small one-liner functions used only once should be defined as lambda
"""
LOG = """Lints for rule a (line 9, rules/a.smk):
    * No log directive defined:
      Without a log directive, all output will be printed to the terminal. In
"""


def test_helpers_beside_their_rules_are_no_fault() -> None:
    assert faults(MIXED) == []
    assert faults("Congratulations, your workflow is in a good condition!") == []


def test_everything_else_is() -> None:
    assert faults(MIXED + LOG) == ["No log directive defined"]

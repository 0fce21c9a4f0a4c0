"""Which part of a module's code is words, and what is left without them: what computes.

These contribute nothing, because no result depends on them:

- comments, layout, docstrings and every other text that stands alone;
- annotations of arguments, returned values and variables, and imports that only they (or words) need. Annotations in
  the body of a class count: they decide how pydantic and dataclasses read a field;
- descriptions of settings and help texts: the keywords of ``WORDS``;
- what an error says: of ``raise X(...)`` its type counts, of ``assert`` its condition, of ``UserError(...)`` anywhere
  the name alone. ``SystemExit`` counts whole: what it is given may be the program itself;
- what is told to people: calls of a logger, and of ``print`` without ``file``. Only calls inside their arguments
  count, for they may do work, but for those of ``LOOKS``;
- a text assigned to a local or private name that is read in such words alone, and what comes right before
  ``raise UserError(...)`` and only fills names that the message alone reads;
- blocks under ``TYPE_CHECKING``, and what they import.

The rest counts, texts such as keys and regular expressions included. Of imports that follow each other the order
does not count.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

_ABOUT = frozenset({"description", "epilog", "help", "metavar", "title", "usage"})
# Of which calls which keywords are for people alone.
WORDS = {
    "Field": frozenset({"description", "examples", "title"}),
    "ArgumentParser": _ABOUT,
    "add_argument": _ABOUT,
    "add_argument_group": _ABOUT,
    "add_parser": _ABOUT,
    "add_subparsers": _ABOUT,
    "progress": frozenset({"name", "unit"}),
}
LOGGERS = frozenset({"log", "logger", "logging"})
LEVELS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warning"})
# Builtins that change nothing by being called on the way to a message.
LOOKS = frozenset({"len", "repr", "round", "str", "type"})


def _name(node: ast.AST) -> str:
    """The last part of a dotted name, or nothing."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _name_assigned(node: ast.Assign) -> str:
    """The name that an assignment gives, or nothing where it gives several or none."""
    target = node.targets[0]
    return target.id if len(node.targets) == 1 and isinstance(target, ast.Name) else ""


def _makes_logger(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "getLogger"


def _tells(call: ast.Call) -> bool:
    """Whether a call only tells people something."""
    if isinstance(call.func, ast.Name):
        return call.func.id == "print" and all(keyword.arg != "file" for keyword in call.keywords)
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in LEVELS:
        return False
    teller = call.func.value
    return _makes_logger(teller) or (isinstance(teller, ast.Name) and teller.id in LOGGERS)


def _work_within(node: ast.AST) -> Iterator[ast.expr]:
    """The outermost expressions inside a message that may do more than look."""
    for child in ast.iter_child_nodes(node):
        looks = isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in LOOKS
        if isinstance(child, ast.Await | ast.Call | ast.NamedExpr | ast.Yield | ast.YieldFrom) and not looks:
            yield child
        else:
            yield from _work_within(child)


class _WithoutWords(ast.NodeTransformer):
    """Takes out of a syntax tree what computes nothing by its place, and joins the pieces of f-strings."""

    def __init__(self) -> None:
        self.in_class = False

    def _within(self, node: ast.AST, in_class: bool) -> ast.AST:
        outside, self.in_class = self.in_class, in_class
        self.generic_visit(node)
        self.in_class = outside
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._within(node, in_class=True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._within(node, in_class=False)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if self.in_class:
            return node
        return ast.Assign(targets=[node.target], value=node.value) if node.value else None

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        self.generic_visit(node)
        return None if _makes_logger(node.value) and _name_assigned(node) else node

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt] | None:
        if isinstance(node.value, ast.Call) and _tells(node.value):
            told = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
            return [ast.Expr(self.visit(work)) for work in _work_within(ast.Tuple(told))]
        self.generic_visit(node)
        return None if isinstance(node.value, ast.Constant) else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if _name(node.test) == "TYPE_CHECKING" else node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call) and _name(node.exc.func) != "SystemExit":
            node.exc = node.exc.func
        node.cause = None
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.msg = None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = _name(node.func)
        words = WORDS.get(called, frozenset())
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in words]
        if called == "UserError":
            node.args, node.keywords = [], []
        elif called == "add_argument_group":
            node.args = []
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Pythons differ in where they cut the text of an f-string, and in how they tell an empty format."""
        self.generic_visit(node)
        values: list[ast.expr] = []
        for value in node.values:
            last = values[-1] if values else None
            if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
                values[-1] = ast.Constant(str(last.value) + str(value.value))
            elif not isinstance(value, ast.Constant) or value.value:
                values.append(value)
        if any(isinstance(value, ast.FormattedValue) for value in values):
            return ast.JoinedStr(values)
        return values[0] if values else ast.Constant("")

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.format_spec, ast.Constant) and not node.format_spec.value:
            node.format_spec = None
        return node


def _names_read(nodes: Iterable[ast.AST]) -> list[str]:
    return [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]


def _prepares(node: ast.stmt) -> bool:
    """Whether a statement does no more than fill names, as the parts of a message are put together."""
    match node:
        case ast.Assign(targets=targets):
            named = [part for target in targets for part in getattr(target, "elts", [target])]
            return all(isinstance(part, ast.Name) for part in named)
        case ast.AnnAssign(target=ast.Name()) | ast.AugAssign(target=ast.Name()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr="append"))):
            return True
        case ast.For(target=ast.Name()) | ast.If():
            return all(map(_prepares, node.body + node.orelse))
    return False


def _ends_in_user_error(block: list[Any]) -> bool:
    last = block[-1] if block else None
    return (
        isinstance(last, ast.Raise) and isinstance(last.exc, ast.Call) and _name(last.exc.func) == "UserError"
    )


def _drop_preparations(function: ast.AST) -> None:
    """Take out what comes right before ``raise UserError(...)`` and fills names that nothing else reads."""
    parts = list(ast.walk(function))
    bodies = (getattr(node, name, None) for node in parts for name in ("body", "orelse"))
    for block in filter(_ends_in_user_error, (body for body in bodies if isinstance(body, list))):
        start = len(block) - 1
        while start and _prepares(block[start - 1]):
            start -= 1
        nodes = [node for statement in block[start:] for node in ast.walk(statement)]
        filled = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        appends = (
            node.value.func
            for node in nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        )
        grown = {_name(append.value) for append in appends if isinstance(append, ast.Attribute)}
        read, here = Counter(_names_read(parts)), Counter(_names_read(nodes))
        if grown <= filled and all(read[name] == here[name] for name in filled):
            del block[start:-1]


class _WithoutUnread(ast.NodeTransformer):
    """Takes out imports and texts that nothing but words had read.

    An import that nothing at all reads is made for what it does, and counts.
    """

    def __init__(self, only_in_words: set[str]) -> None:
        self.only_in_words = only_in_words
        self.scope: type[ast.AST] = ast.Module

    def visit(self, node: ast.AST) -> Any:
        """Statements only: expressions hold no imports and assign no texts."""
        return node if isinstance(node, ast.expr) else super().visit(node)

    def _within(self, node: ast.AST) -> ast.AST:
        outside, self.scope = self.scope, type(node)
        self.generic_visit(node)
        self.scope = outside
        return node

    visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = _within

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        name, value = _name_assigned(node), node.value
        if name not in self.only_in_words or self.scope is ast.ClassDef:
            return node
        if self.scope is ast.Module and not name.startswith("_"):
            return node  # Other modules may read it.
        constant = isinstance(value, ast.Constant) and isinstance(value.value, str)
        text = constant or (isinstance(value, ast.JoinedStr) and not any(_work_within(value)))
        return None if text else node

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.AST | None:
        bound = {alias: alias.asname or alias.name.split(".")[0] for alias in node.names}
        node.names = [alias for alias, name in bound.items() if name not in self.only_in_words]
        return node if node.names else None

    visit_ImportFrom = visit_Import


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def without_words(tree: ast.Module) -> tuple[ast.Module, tuple[str, ...]]:
    """Take the words out of a syntax tree, in place; also the dotted names that it imports, sorted.

    Names under ``TYPE_CHECKING`` are not among them; those imported for annotations or words only are, because an
    import runs what it imports.
    """
    nodes = list(ast.walk(tree))
    read = set(_names_read(nodes))
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_preparations(node)
    tree = _WithoutWords().visit(tree)
    nodes = list(ast.walk(tree))
    imported = tuple(sorted(set(_imported(nodes))))
    return _WithoutUnread(read - set(_names_read(nodes))).visit(tree), imported

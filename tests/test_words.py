import pytest

from uvis_core.syntax import computing


def text(source: str) -> str:
    return computing(source)[0]


def inside(body: str) -> str:
    """The lines as the body of a function, so that they need not make sense at the top of a module."""
    return "def f(x, path, error):\n" + "\n".join(f"    {line}" for line in body.split("\n"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("x = 1", "x = 1  # one", id="comment"),
        pytest.param("x = [1, 2]", "x = [\n    1,\n    2,\n]", id="layout"),
        pytest.param("x = 'a'", 'x = ("a")', id="quotes"),
        pytest.param("x = 16", "x = 0x10", id="how a number is written"),
        pytest.param("x = 'ab'", "x = 'a' f'b'", id="pieces of a text"),
        pytest.param('"""Do."""\nx = 1', "x = 1", id="docstring of a module"),
        pytest.param(inside('"""Do."""'), inside("..."), id="docstring of a function"),
        pytest.param(inside('"""Do."""\npass'), inside("pass"), id="a pass"),
        pytest.param('class A:\n    """A."""\n    x = 1', "class A:\n    x = 1", id="docstring of a class"),
        pytest.param("X = 1\n'''Of X.'''", "X = 1", id="docstring of a variable"),
        pytest.param("def f(x: int): ...", "def f(x: 'list[int]'): ...", id="annotation of an argument"),
        pytest.param("def f(*a: int, **k: str): ...", "def f(*a, **k): ...", id="annotation of star arguments"),
        pytest.param("def f(x) -> int: ...", "def f(x): ...", id="annotation of the result"),
        pytest.param("async def f(x: int) -> int: ...", "async def f(x): ...", id="annotations of a coroutine"),
        pytest.param(inside("y: int = 1"), inside("y = 1"), id="annotation of a local variable"),
        pytest.param(inside("x.y: int = 1"), inside("x.y = 1"), id="annotation of an attribute"),
        pytest.param(inside("y: int"), inside("pass"), id="declaration of a local variable"),
        pytest.param("X: int = 1", "X: list[str] = 1", id="annotation of a module's variable"),
        pytest.param(
            "class A:\n    def f(self, x: int):\n        y: int = 1\n        return y",
            "class A:\n    def f(self, x):\n        y = 1\n        return y",
            id="annotations in a method",
        ),
        pytest.param(
            "from a import B, C\ndef f(x: B): return C",
            "from a import C\nfrom d import E\ndef f(x: E): return C",
            id="import for an annotation",
        ),
        pytest.param(
            "import a\nfrom b import c, d", "from b import d\nfrom b import c\nimport a", id="order of imports"
        ),
        pytest.param("from a import b as b", "from a import b", id="a name given as itself"),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nX = 1", "X = 1", id="TYPE_CHECKING"
        ),
        pytest.param(
            "import typing\nif typing.TYPE_CHECKING:\n    import a\nelse:\n    X = 1", "X = 1", id="not TYPE_CHECKING"
        ),
        pytest.param("Field(default=1, description='a')", "Field(default=1, description=f'b{1}')", id="description"),
        pytest.param("x.Field(1, title='a', examples=[2])", "x.Field(1)", id="title and examples"),
        pytest.param(
            "class A(B):\n    x: Annotated[int, Field(ge=0, description='a')] = 1",
            "class A(B):\n    x: Annotated[int, Field(ge=0)] = 1",
            id="description inside an annotation",
        ),
        pytest.param(
            "ArgumentParser(description=__doc__, epilog='a', usage='b')", "ArgumentParser()", id="words of a parser"
        ),
        pytest.param(
            "p.add_argument('--a', type=int, help='a' % len(x), metavar='A')",
            "p.add_argument('--a', type=int)",
            id="help of an argument",
        ),
        pytest.param("p.add_argument_group('a', 'b')", "p.add_argument_group(title='c')", id="title of a group"),
        pytest.param(
            "s = p.add_subparsers(title='a', required=True)\ns.add_parser('x', help='a')",
            "s = p.add_subparsers(required=True)\ns.add_parser('x')",
            id="help of a command",
        ),
        pytest.param("progress(x, unit='a', name='b')", "progress(x, unit='c', name='d')", id="label of a bar"),
        pytest.param(inside("log.info('a %s', x.y[0])"), inside("log.warning(f'b {path}')"), id="log message"),
        pytest.param(inside("log.info('a')"), inside("pass"), id="a log message more"),
        pytest.param(
            "import logging\nlog = logging.getLogger('a')\nlog.info('%d', len(X))", "", id="a logger and its message"
        ),
        pytest.param("import logging\nlogging.getLogger('a').error('b')", "", id="message of another logger"),
        pytest.param(inside("print(f'{x} a')"), inside("print('b', x, sep='')"), id="printed text"),
        pytest.param(inside("raise A('a')"), inside("raise A(f'b {path}', fix=g(x))"), id="error message"),
        pytest.param(inside("raise A('a') from error"), inside("raise A('a')"), id="cause of an error"),
        pytest.param(inside("assert x, 'a'"), inside("assert x, f'b {path}'"), id="message of an assertion"),
        pytest.param(inside("return UserError('a', fix='b')"), inside("return UserError(path)"), id="error as a value"),
        pytest.param(
            inside("fix = 'a'\nraise A(path, fix=fix)"),
            inside("fix = f'b {path}'\nraise A(path, fix=fix)"),
            id="local text of a message",
        ),
        pytest.param(
            "_FIX = 'a'\n" + inside("raise A(path, fix=_FIX)"),
            "_FIX = 'b' 'c'\n" + inside("raise A(path, fix=_FIX)"),
            id="private text of a message",
        ),
        pytest.param(
            inside("a, b = [], 1\nfor c in x:\n    if c:\n        a.append(g(c))\nraise UserError(a + b)"),
            inside("a = ''\na += 'b'\nraise UserError(a, fix=a) from error"),
            id="what puts a message together",
        ),
    ],
)  # fmt: skip
def test_words_change_nothing(one: str, other: str) -> None:
    assert text(one) == text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("def f(x=1): ...", "def f(x=2): ...", id="default"),
        pytest.param("def f(x, *, y): ...", "def f(x, y): ...", id="kind of argument"),
        pytest.param("X = 1", "X = 2", id="constant"),
        pytest.param("X = 1", "X = 1\nX += 1", id="one statement more"),
        pytest.param("X = 1\nY = 2", "Y = 2\nX = 1", id="order of statements"),
        pytest.param("X = a - b", "X = b - a", id="order of operands"),
        pytest.param("@a\ndef f(): ...", "def f(): ...", id="decorator"),
        pytest.param("class A(B): ...", "class A(C): ...", id="base class"),
        pytest.param("class A(B, x=1): ...", "class A(B, x=2): ...", id="argument of a class"),
        pytest.param("class A:\n    x: int = 1", "class A:\n    x: float = 1", id="annotation of a field"),
        pytest.param("class A:\n    x: int", "class A:\n    x: str", id="annotation of a field without default"),
        pytest.param(
            "class A:\n    def f(self): ...\n    x: int",
            "class A:\n    def f(self): ...\n    x: str",
            id="field after a method",
        ),
        pytest.param(
            "def f():\n    class A:\n        x: int", "def f():\n    class A:\n        x: str", id="inner class"
        ),
        pytest.param("class A:\n    x: Literal['a']", "class A:\n    x: Literal['b']", id="allowed values"),
        pytest.param("X = Literal['a', 'b']", "X = Literal['a']", id="named type"),
        pytest.param("Field(default=1)", "Field(default=2)", id="default of a setting"),
        pytest.param("Field(ge=0)", "Field(gt=0)", id="limit of a setting"),
        pytest.param("Field(description='a')", "Field(alias='a')", id="another word of a setting"),
        pytest.param("f(description='a')", "f(description='b')", id="description for somebody else"),
        pytest.param("p.add_argument('--a')", "p.add_argument('--b')", id="name of an argument"),
        pytest.param("p.add_argument('--a', default=1)", "p.add_argument('--a', default=2)", id="its default"),
        pytest.param("X = {'a': 1}", "X = {'b': 1}", id="key"),
        pytest.param(r"X = re.compile('\d')", r"X = re.compile('\w')", id="regular expression"),
        pytest.param("X = f'{a:.1f}'", "X = f'{a:.2f}'", id="format"),
        pytest.param("X = f'{a!r}'", "X = f'{a!s}'", id="conversion"),
        pytest.param("X = f'a{b}'", "X = f'{b}a'", id="place in an f-string"),
        pytest.param("X = f'{a}'", "X = '{a}'", id="an f-string"),
        pytest.param(inside("raise A('a')"), inside("raise B('a')"), id="type of an error"),
        pytest.param(inside("raise A('a')"), inside("pass"), id="an error"),
        pytest.param(inside("raise SystemExit(g(x))"), inside("raise SystemExit(h(x))"), id="what the program does"),
        pytest.param(inside("assert x"), inside("assert path"), id="assertion"),
        pytest.param("from a import b\nb()", "from c import b\nb()", id="origin of a name"),
        pytest.param("from a import b, c\nb(c)", "from a import b as c, c as b\nb(c)", id="names exchanged"),
        pytest.param("import a", "import b", id="import that nothing reads"),
        pytest.param("from .a import b", "from ..a import b", id="level of an import"),
        pytest.param("import a\nX = 1", "X = 1\nimport a", id="import after a statement"),
        pytest.param(inside("log.info('a', g(x))"), inside("log.info('a', h(x))"), id="work inside a message"),
        pytest.param(inside("log.info(str(next(x)))"), inside("log.info(str(x))"), id="work inside a look"),
        pytest.param(inside("print(g(x))"), inside("print(x)"), id="work inside what is printed"),
        pytest.param("print('a', file=x)", "print('b', file=x)", id="what is printed into a file"),
        pytest.param("log.append('a')", "log.append('b')", id="a list that is called log"),
        pytest.param("math.log(1)", "math.log(2)", id="a logarithm"),
        pytest.param(
            inside("y = 'a'\nraise A(y) if x else A(z[y])"), inside("y = 'b'\nraise A(y) if x else A(z[y])"),
            id="text that more than a message reads",
        ),
        pytest.param("FIX = 'a'\n" + inside("raise A(FIX)"), "FIX = 'b'\n" + inside("raise A(FIX)"), id="public text"),
        pytest.param(
            "class A:\n    x = 'a'\n" + inside("raise A(x)"), "class A:\n    x = 'b'\n" + inside("raise A(x)"),
            id="text of a class",
        ),
        pytest.param(inside("y = g(x)\nraise A(y)"), inside("y = h(x)\nraise A(y)"), id="work before an error"),
        pytest.param(
            inside("g(x)\nraise UserError(x)"), inside("h(x)\nraise UserError(x)"), id="cleaning up before an error"
        ),
        pytest.param(
            inside("x.append(1)\nraise UserError(x)"), inside("x.append(2)\nraise UserError(x)"), id="a list of others"
        ),
        pytest.param(
            inside("x.y = 1\nraise UserError(x)"), inside("x.y = 2\nraise UserError(x)"), id="an object of others"
        ),
        pytest.param(
            inside("try:\n    y = 1\n    raise UserError(y)\nfinally:\n    g(y)"),
            inside("try:\n    y = 2\n    raise UserError(y)\nfinally:\n    g(y)"),
            id="a name that more than the message reads",
        ),
        pytest.param(
            "if TYPE_CHECKING:\n    import a\nelse:\n    X = 1",
            "if TYPE_CHECKING:\n    import a\nelse:\n    X = 2",
            id="what runs without TYPE_CHECKING",
        ),
    ],
)  # fmt: skip
def test_what_computes_counts(one: str, other: str) -> None:
    assert text(one) != text(other)


def test_modules_for_annotations_are_followed_and_those_under_type_checking_are_not() -> None:
    source = (
        "from typing import TYPE_CHECKING\nfrom a import B\nif TYPE_CHECKING:\n    from c import D\n"
        "def f(b: B, d: 'D'):\n    import e.f\n"
    )
    assert computing(source)[1] == ("a", "a.B", "e.f", "typing", "typing.TYPE_CHECKING")

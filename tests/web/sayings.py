"""Sayings: every sentence that the package's code says, read off the code.

A sentence that is put together is written with a place, `{name}`, for each part that only a run knows; one
that may be put together in several ways is several sentences.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, product
from pathlib import Path

import volenti
from volenti.core.errors import VolentiError

PACKAGE = Path(volenti.__file__).parent
#: How deep a text is followed through names.
_DEPTH = 8
#: Functions that are nothing but their argument, for the name of a place.
_OF_ARGUMENT = ("len", "min", "max", "float", "sorted", "str", "repr", "join")


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence, and where it is said."""

    text: str
    where: str


def is_sentence(text: str) -> bool:
    """Whether a text is said to people: identifiers, fields and commands alone aren't."""
    return (" " in text or text.endswith(".")) and not text.startswith("volenti ")


def name_of(node: ast.expr) -> str:
    """The name that is called, without what it belongs to."""
    return str(getattr(node, "id", getattr(node, "attr", "")))


def errors() -> frozenset[str]:
    """The names of all errors that the package raises on purpose."""
    classes = {
        node.name: {name_of(base) for base in node.bases}
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    names, more = set[str](), {VolentiError.__name__}
    while more:
        names |= more
        more = {name for name, bases in classes.items() if bases & names} - names
    return frozenset(names)


@cache
def modules() -> dict[str, Module]:
    """Every module of the package, by its path in it."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {str(path.relative_to(PACKAGE)): Module.read(path) for path in paths}


@dataclass(slots=True)
class Module:
    """A file of the package. `carriers`: functions that say what some of their parameters say."""

    name: str
    tree: ast.Module
    parents: dict[ast.AST, ast.AST]
    functions: dict[str, list[ast.FunctionDef]]
    carriers: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Module:
        tree = ast.parse(path.read_text())
        nodes = list(ast.walk(tree))
        parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        functions: dict[str, list[ast.FunctionDef]] = {}
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                functions.setdefault(node.name, []).append(node)
        return cls(str(path.relative_to(PACKAGE)), tree, parents, functions)

    def said_in_calls(
        self, is_called: Callable[[ast.Call], bool], is_said: Callable[[str], bool]
    ) -> Iterator[Saying]:
        """What is said in calls, also in those of functions of the module that pass it on.

        is_said: which of the texts that they are given are meant.
        """
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        found: set[Saying] = set()
        self.carriers.clear()
        known = -1
        # What is found may pass on what it is given, and so on.
        while known < (known := sum(map(len, self.carriers.values()))):
            found = {
                Saying(text, f"{self.name}:{node.lineno}")
                for node in calls
                for argument in self._said_by(node, is_called)
                for text in _Reader(self).texts(argument) or ()
                if is_said(text)
            }
        yield from found

    def said_in(self, names: Collection[str]) -> Iterator[Saying]:
        """What functions with these names return, yield, raise, append or list; all where none is named."""
        for name in names or self.functions:
            for node in chain.from_iterable(map(ast.walk, self.functions[name])):
                for value in _handed_out(node):
                    for text in _Reader(self).texts(value) or ():
                        if is_sentence(text):
                            yield Saying(text, f"{self.name}:{value.lineno}")

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function that a node stands in."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, ast.FunctionDef):
            at = self.parents.get(at)
        return at

    def _said_by(self, node: ast.Call, is_called: Callable[[ast.Call], bool]) -> list[ast.expr]:
        name = name_of(node.func)
        if is_called(node):
            return [*node.args, *(each.value for each in node.keywords)]
        if name not in self.carriers or name not in self.functions:
            return []
        [function, *_] = self.functions[name]
        parameters, says = _parameters(function), self.carriers[name]
        is_method = parameters[:1] in (["self"], ["cls"]) and isinstance(node.func, ast.Attribute)
        given = dict(zip(parameters[is_method:], node.args, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg}
        defaults = function.args.defaults
        given = dict(zip(parameters[-len(defaults) :], defaults, strict=False)) | given if defaults else given
        return [value for parameter, value in given.items() if parameter in says]


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _handed_out(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement returns, yields, raises, appends, or puts into a tuple."""
    match node:
        case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
            yield from value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        case ast.Assign(value=ast.Tuple(elts=parts)):
            for part in parts:
                yield from part.elts if isinstance(part, ast.Tuple) else [part]
        case ast.AugAssign(value=ast.ListComp(elt=value)):
            yield value
        case ast.Call(func=ast.Attribute(attr="append"), args=parts) | ast.Raise(exc=ast.Call(args=parts)):
            yield from parts


class _Reader:
    """Reads the texts that an expression may be; None where nothing of it is known before."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._above: list[ast.expr] = []

    def texts(self, node: ast.expr) -> list[str] | None:
        if node in self._above or len(self._above) > _DEPTH:
            return None
        self._above.append(node)
        try:
            return self._of(node)
        finally:
            self._above.pop()

    def _of(self, node: ast.expr) -> list[str] | None:
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Constant(value=None):
                return []
            case ast.JoinedStr():
                return ["".join(parts) for parts in product(*map(self._part, node.values))]
            case ast.IfExp():
                return self._either([node.body, node.orelse])
            case ast.Call(func=ast.Attribute(attr="join"), args=[ast.GeneratorExp(elt=one)]):
                return self.texts(one)
            case ast.List(elts=[_, *_]):
                return self._either(node.elts)
            case ast.BoolOp():
                return self._either(node.values)
            case ast.BinOp(op=ast.Add()):
                return self._sum(node)
            case ast.Subscript(value=ast.Constant(value=str(text))):
                return ["", text]
            case ast.Subscript(value=ast.Dict(values=values)):
                return self._either(values)
            case ast.Call(func=ast.Name(id=name)) if name in self._module.functions:
                return self._returned(self._module.functions[name][0])
            case ast.Name():
                return self._of_name(node)
        return None

    def _sum(self, node: ast.BinOp) -> list[str] | None:
        sides = [(each, self.texts(each)) for each in (node.left, node.right)]
        if all(texts is None for _, texts in sides):
            return None
        return ["".join(parts) for parts in product(*(texts or _place(each) for each, texts in sides))]

    def _returned(self, function: ast.FunctionDef) -> list[str] | None:
        returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
        found = [self.texts(each) for each in returned if each is not None]
        if not found or None in found:
            return None
        return [text for texts in found if texts for text in texts]

    def _part(self, node: ast.expr) -> list[str]:
        node = node.value if isinstance(node, ast.FormattedValue) else node
        return self.texts(node) or _place(node)

    def _either(self, nodes: Sequence[ast.expr]) -> list[str] | None:
        found = [self.texts(each) for each in nodes]
        if all(each is None for each in found):
            return None
        some = [_place(node) if texts is None else texts for node, texts in zip(nodes, found, strict=True)]
        return [text for texts in some for text in texts]

    def _of_name(self, node: ast.Name) -> list[str] | None:
        module = self._module
        function = module.function_of(node)
        if function is not None and node.id in _parameters(function):
            is_whole = not any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in self._above)
            if is_whole and function is module.function_of(self._above[0]):
                module.carriers.setdefault(function.name, set()).add(node.id)
            return None
        values = _assigned(function, node.id) if function is not None else []
        values = values or _assigned(module.tree, node.id)
        found = [self.texts(each) for each in values]
        if not found or None in found:
            return None
        return [text for texts in found if texts for text in texts]


def _assigned(place: ast.AST, name: str) -> list[ast.expr]:
    """What is assigned to a name in a function or a module."""
    found: list[ast.expr] = []
    for node in ast.walk(place):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets if value is not None else ():
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            found += [given for to, given in pairs if isinstance(to, ast.Name) and to.id == name]
    return found


def _place(node: ast.expr) -> list[str]:
    return ["{" + _named(node) + "}"]


def _named(node: ast.expr) -> str:
    """What a place is called: the last name in its expression."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Call(func=ast.Name() | ast.Attribute(), args=[first, *_]):
            name = name_of(node.func)
            return _named(first) if name in _OF_ARGUMENT else name.strip("_")
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.BinOp(left=inner):
            return _named(inner)
        case ast.IfExp(body=inner) | ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
            return _named(inner)
        case ast.BoolOp(values=[inner, *_]) | ast.GeneratorExp(elt=inner):
            return _named(inner)
    return "what"

"""Finds places that count or add up what the city's figures count, instead of asking `mechanism.kpi`.

Three ways of adding up are seen: aggregates of the ORM over an amount (`Sum("amount_wan")`, also over a field that is
only known at run time), aggregates or counts of rows of a counted model, and `sum()` in Python over amounts. Rows are
followed through names assigned in the same function.
"""

import ast
import re
from collections.abc import Iterator

AMOUNT = re.compile(r"(?:^|_)wan$|^jobs$")
ADDING = frozenset({"Sum", "Avg"})
COUNTED_MODELS = frozenset({"Contract", "Payment", "Fund", "Investment", "Venture", "Landing"})
"""Models whose rows are nothing but figures of the city. Lists of other models have lengths."""
COUNTING_METHODS = frozenset({"count", "aggregate"})
SQL = re.compile(r"\b(?:sum|count|avg)\s*\(", re.I)
SQL_TABLE = re.compile(r"\bdeals_contract\b|\bdeals_payment\b|\bmechanism_fund\b|\bmechanism_investment\b")

MAY_COUNT = re.compile(
    rf"\b(?:{'|'.join(sorted(ADDING | {'sum'}))})\("
    rf"|\b(?:{'|'.join(sorted(COUNTED_MODELS))})\.objects|{SQL_TABLE.pattern}"
)
"""Modules without it are not parsed."""


def counting_uses(source: str) -> list[int]:
    """Line numbers of the places in a module."""
    if not MAY_COUNT.search(source):
        return []
    tree = ast.parse(source)
    names: dict[int, frozenset[str]] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            names |= dict.fromkeys(map(id, ast.walk(function)), _names_with_rows(function))
    return sorted({line for node in ast.walk(tree) for line in _uses_of(node, names.get(id(node), frozenset()))})


def _uses_of(node: ast.AST, names: frozenset[str]) -> Iterator[int]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and SQL_TABLE.search(node.value) and SQL.search(node.value):
            yield node.lineno
        return
    if not isinstance(node, ast.Call):
        return
    function, given = node.func, node.args
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if (
        (name in ADDING and given and _may_be_amount(given[0]))
        or (name == "sum" and any(_reads_amount(part) for part in given))
        or (name == "len" and any(_has_counted_rows(part, names) for part in given))
        or (
            name in COUNTING_METHODS
            and isinstance(function, ast.Attribute)
            and _has_counted_rows(function.value, names)
        )
    ):
        yield node.lineno


def _may_be_amount(node: ast.AST) -> bool:
    """A literal that names an amount, or an expression whose field is not known here."""
    literals = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return not literals or any(AMOUNT.search(text.split("__")[-1]) for text in literals)


def _reads_amount(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and AMOUNT.search(part.attr) for part in ast.walk(node))


def _has_counted_rows(node: ast.AST, names: frozenset[str]) -> bool:
    """Whether the expression is `Contract.objects…`, or a name that such rows were assigned to, with calls on it."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name):
            return node.value.id in COUNTED_MODELS
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id in names


def _names_with_rows(function: ast.AST) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for node in sorted(
        (node for node in ast.walk(function) if isinstance(node, ast.Assign)), key=lambda node: node.lineno
    ):
        for target in node.targets:
            if isinstance(target, ast.Name) and _has_counted_rows(node.value, names):
                names |= {target.id}
    return names

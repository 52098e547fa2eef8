"""Finds places that take the name of an organisation from its row instead of `accounts.names.name_for`."""

import ast
import re
from collections.abc import Iterator

HOLDERS = frozenset({"firm", "buyer", "organisation", "firm_party", "party"})
"""Names of variables and fields that hold an organisation which may be anonymous, or a record that prints one."""
FIELDS = frozenset({"name", "short_name", "full_name", "credit_code", "website"})
LOOKUP = re.compile(r"(?:^|[^a-z])(?:firm|buyer|organisation)(?:__|\.)(?:name|short_name|credit_code)\b")
"""In values(), annotate(), order_by(), search_fields, list_display, a serializer's source."""
EXPRESSION = re.compile(r"\{\{\s*([\w.]+)[^}]*\}\}")
HELD = "|".join(sorted(HOLDERS))
PRINTED = re.compile(rf"(?:^|\.)(?:{HELD})(?:\.(?:{'|'.join(sorted(FIELDS))}))?$")


HOLDER = re.compile(rf"\b(?:{HELD})\b")
LOOKED_AT = (ast.Attribute, ast.FormattedValue, ast.Call, ast.BinOp, ast.BoolOp, ast.Constant)


def uses_in_python(source: str) -> list[int]:
    """Line numbers: reading a name field, printing a holder, or naming a name in a lookup."""
    if not (HOLDER.search(source) or LOOKUP.search(source)):  # then it needs no parsing
        return []
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, LOOKED_AT))
    return sorted({line for node in nodes for line in _uses_of(node)})


def _uses_of(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Attribute) and node.attr in FIELDS and _last_name(node.value) in HOLDERS:
        yield node.lineno
    elif isinstance(node, ast.FormattedValue) and _last_name(node.value) in HOLDERS:
        yield node.value.lineno
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        yield from (part.lineno for part in node.args if _last_name(part) in HOLDERS)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.right, ast.Dict):
        yield from (value.lineno for value in node.right.values if _last_name(value) in HOLDERS)
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):  # `deal.buyer or "—"` as a cell
        if isinstance(node.values[-1], ast.Constant) and _last_name(node.values[0]) in HOLDERS:
            yield node.lineno
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and LOOKUP.search(node.value):
        yield node.lineno


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def uses_in_template(source: str) -> list[int]:
    """Line numbers of variables that print an organisation, its party or its meeting."""
    return [
        source.count("\n", 0, match.start()) + 1 for match in EXPRESSION.finditer(source) if PRINTED.search(match[1])
    ]

"""A form names its address wherever its page is shown at the address of a step (`tests.form_addresses`)."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import ResolverMatch
from django.views.decorators.http import require_http_methods, require_POST

from tests.form_addresses import FormWithoutAddress, allowed_methods, check

ROOT = Path(settings.BASE_DIR)
TAG_OF_TEMPLATE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
OPENING_FORM = re.compile(r"<form\b[^>]*>", re.DOTALL)
RELATIVE_LINK = re.compile(r'\shref="\?')
INCLUDED = re.compile(r'{%\s*include\s+"([^"]+)"')


def pages_of_steps() -> set[str]:
    """The templates that views which only take posts render, by themselves or through functions of their module."""
    pages = set()
    for path in ROOT.glob("*/views/**/*.py"):
        source = path.read_text("utf-8")
        if "require_POST" in source:
            functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
            for node in functions.values():
                if any("require_POST" in ast.unparse(decorator) for decorator in node.decorator_list):
                    pages |= _rendered(node, functions, frozenset())
    return pages


def _rendered(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: frozenset[str]) -> set[str]:
    pages: set[str] = set()
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if call.func.id == "render":
            pages |= {part.value for part in call.args[1:2] if isinstance(part, ast.Constant)}
        elif call.func.id in functions and call.func.id not in seen:
            pages |= _rendered(functions[call.func.id], functions, seen | {call.func.id})
    return pages


@cache
def _parts(name: str) -> frozenset[str]:
    """A template and what it includes by name."""
    path = ROOT / "templates" / name
    if not path.exists():
        return frozenset()
    return frozenset({name}).union(*(_parts(part) for part in INCLUDED.findall(path.read_text("utf-8"))))


def test_pages_that_steps_show_name_the_address_of_each_form_and_link():
    pages = pages_of_steps()
    assert len(pages) > 30
    wrong = []
    for name in sorted(frozenset().union(*map(_parts, pages))):
        source = (ROOT / "templates" / name).read_text("utf-8")
        forms = OPENING_FORM.findall(TAG_OF_TEMPLATE.sub("x", source))
        wrong += [f"{name}: {form}" for form in forms if ' action="' not in " ".join(form.split())]
        wrong += [f"{name}: a link to ?…" for _link in RELATIVE_LINK.findall(source)]
    assert not wrong, "These would be sent to the step at whose address the page is shown: " + "\n".join(wrong)


@pytest.mark.parametrize(
    ("html", "is_right"),
    [
        ('<form method="post">', False),
        ('<form method="post" action="">', False),
        ('<a class="btn" href="?page=2">', False),
        ('<form method="post" action="/here/"><a href="/here/?page=2">', True),
        ('<form method="dialog">', True),
    ],
)
def test_the_check_of_rendered_pages_sees_what_leads_back_to_the_step(html, is_right):
    response = HttpResponse(html, status=422)
    response.resolver_match = ResolverMatch(require_POST(lambda request: response), (), {}, route="there/step/")
    if is_right:
        check(response)
    else:
        with pytest.raises(FormWithoutAddress):
            check(response)
    response.resolver_match = ResolverMatch(require_http_methods(["GET", "POST"])(len), (), {}, route="there/")
    check(response)  # its own page
    assert allowed_methods(len) == []

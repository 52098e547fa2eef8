"""What a screen reader cannot say of a page, by rules on its markup alone: no browser is needed.

axe looks at contrast and at much else (`tests/browser/barriers.py`), on the pages that a test opens. These rules are
asked of every page that the walk gets.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from lxml import html
from lxml.html import HtmlElement

START = "<!DOCTYPE html>"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SAYS_NOTHING = {"更多", "查看", "详情", "查看详情", "这里", "点这里", "点击", "下载", "链接"}
"""Names of links that say nothing to those who go from link to link."""
NOT_TYPED = {"hidden", "submit", "button", "image", "reset"}
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-owns")


def unspoken(text: str) -> list[str]:
    """What is wrong with the page in `text`, as sentences; nothing if it holds no whole page."""
    start = text.find(START)
    if start < 0:
        return []
    page = html.document_fromstring(text[start:])
    checks = (_headings, _landmarks, _names, _same_names, _pictures, _fields, _tables, _references)
    return [sentence for check in checks for sentence in check(page)]


def _headings(page: HtmlElement) -> Iterator[str]:
    levels = [int(heading.tag[1]) for heading in page.iter(*HEADINGS) if not _is_hidden(heading)]
    if levels.count(1) != 1:
        yield f"has {levels.count(1)} h1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"has a heading of level {after} below one of level {before}"


def _landmarks(page: HtmlElement) -> Iterator[str]:
    if not page.get("lang"):
        yield "does not name its language"
    if (count := len(page.findall(".//main"))) != 1:
        yield f"has {count} main"
    names = [_name(nav) if not nav.get("aria-label") else nav.get("aria-label") for nav in page.iter("nav")]
    if len(names) > 1 and len(set(names)) < len(names):
        yield f"has two nav of one name: {names}"


def _names(page: HtmlElement) -> Iterator[str]:
    for element in page.iter("a", "button", "summary"):
        if (element.tag == "a" and element.get("href") is None) or _is_hidden(element):
            continue
        name = _name(element)
        if not name:
            yield f"has a {element.tag} without a name: {_tag(element)}"
        elif name in SAYS_NOTHING and not _is_described(element):
            yield f"has a {element.tag} that only says {name}"


def _same_names(page: HtmlElement) -> Iterator[str]:
    """Links of one name to different places in one list or table. The heading of a row describes its cells."""
    for group in page.iter("ul", "ol", "table"):
        places = defaultdict(set)
        for link in group.iter("a"):
            if link.get("href") and next(link.iterancestors("ul", "ol", "table")) is group and not _is_described(link):
                places[_name(link)].add(link.get("href"))
        for name, hrefs in places.items():
            if len(hrefs) > 1:
                yield f"has {len(hrefs)} links of the name {name} in one {group.tag}"


def _pictures(page: HtmlElement) -> Iterator[str]:
    for image in page.iter("img"):
        if image.get("alt") is None:
            yield f"has a picture without alt: {_tag(image)}"
    for drawing in page.iter("svg"):
        is_named = drawing.get("role") == "img" and (drawing.get("aria-label") or drawing.get("aria-labelledby"))
        if not is_named and not _is_hidden(drawing):
            yield f"has a drawing that is neither named nor hidden: {_tag(drawing)}"


def _fields(page: HtmlElement) -> Iterator[str]:
    labels = {label.get("for") for label in page.iter("label") if _name(label)}
    for field in page.iter("input", "select", "textarea"):
        if field.get("type") in NOT_TYPED or _is_hidden(field):
            continue
        wrapping = next(field.iterancestors("label"), None)
        is_labelled = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labels
        if not is_labelled and (wrapping is None or not _name(wrapping)):
            yield f"has a field without a label: {_tag(field)}"
        group = next(field.iterancestors("fieldset"), field)
        is_described = field.get("aria-describedby") or group.get("aria-describedby")
        if field.get("aria-invalid") == "true" and not is_described:
            yield f"has a field whose error it does not name: {_tag(field)}"
        if any("----" in (option.text or "") for option in field.iter("option")):
            yield f"has a choice that a reader says as dashes: {_tag(field)}"


def _tables(page: HtmlElement) -> Iterator[str]:
    for table in page.iter("table"):
        heads = list(table.iter("th"))
        if not heads:
            yield f"has a table without headers: {_tag(table)}"
        elif unscoped := [head for head in heads if not head.get("scope")]:
            yield f"has headers without scope: {_name(unscoped[0])}"


def _references(page: HtmlElement) -> Iterator[str]:
    known = [element.get("id") for element in page.iter() if isinstance(element.tag, str) and element.get("id")]
    twice = {key for key in known if known.count(key) > 1}
    if twice:
        yield f"has an id twice: {sorted(twice)}"
    for element in page.iter():
        if isinstance(element.tag, str):
            for attribute in REFERENCES:
                for key in (element.get(attribute) or "").split():
                    if key not in known:
                        yield f"names an id that is not there: {attribute}={key}"


def _name(element: HtmlElement) -> str:
    """The name of an element as browsers compute it of the markup that our pages have."""
    if label := element.get("aria-label"):
        return label.strip()
    return " ".join("".join(_words(element)).split()) or (element.get("title") or "").strip()


def _words(element: HtmlElement) -> Iterator[str]:
    if element.get("aria-hidden") == "true" or element.get("hidden") is not None or not isinstance(element.tag, str):
        return
    yield element.get("alt") or (element.get("aria-label") or "" if element.tag == "svg" else "")
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""


def _is_described(element: HtmlElement) -> bool:
    row = next(element.iterancestors("tr"), None)
    own = next(element.iterancestors("th"), None)
    is_in_row = row is not None and own is None and row.find("th") is not None
    return bool(element.get("aria-describedby")) or is_in_row


def _is_hidden(element: HtmlElement) -> bool:
    chain = (element, *element.iterancestors())
    return any(part.get("aria-hidden") == "true" or part.get("hidden") is not None for part in chain)


def _tag(element: HtmlElement) -> str:
    return html.tostring(element, encoding="unicode").partition(">")[0] + ">"

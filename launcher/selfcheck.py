"""`demo --once`: walk the running product as its users do."""

from __future__ import annotations

import html
import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable

from launcher.places import Refusal, say

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def run(address: str, logins: list[dict], manage: Callable[..., str]) -> dict:
    """Home page, a login of every role, a round closed and its run finished. Returns counts; Refusal names what fails.

    `logins` as in demo_logins.json; `manage` runs a command of manage.py and returns its output, of which
    `check_chain` writes one JSON object as its last line.
    """
    _Visitor(address).open("/")
    for login in logins:
        _log_in(address, login)
    say(f"首页正常，{len(logins)} 个角色均可登录。")
    try:
        counts = json.loads(manage("check_chain").strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Refusal("自检没有给出结果：check_chain 的最后一行不是 JSON。") from None
    say("对接轮次已关闭，匹配已完成。")
    return {"logins": len(logins), **counts}


class _Visitor:
    """A browser without screen: keeps cookies, follows redirects, asks no proxy."""

    def __init__(self, address: str):
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def open(self, path: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """GET, or POST of `fields`. Returns the address it ended at and the page. Refusal unless the answer is 200."""
        url = urllib.parse.urljoin(self.address, path)
        body = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            with self._opener.open(urllib.request.Request(url, body, {"Referer": url}), timeout=30) as answer:  # noqa: S310
                return answer.url, answer.read().decode()
        except OSError as error:
            raise Refusal(f"自检失败：{path} 没有正常打开（{error}）。原因见 logs 目录下的 web.log。") from None


def _log_in(address: str, login: dict) -> None:
    visitor = _Visitor(address)
    _, page = visitor.open("/accounts/login/")
    fields = {}
    for field in HIDDEN.findall(page):
        attributes = dict(ATTRIBUTE.findall(field))
        fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    ended, _ = visitor.open(
        "/accounts/login/", {**fields, "username": login["username"], "password": login["password"]}
    )
    if "/login/" in ended:
        raise Refusal(f"自检失败：{login['role']} {login['username']} 无法登录。")
    ended, _ = visitor.open(login["start_page"])
    if "/login/" in ended:
        raise Refusal(f"自检失败：{login['role']} {login['username']} 打不开起始页 {login['start_page']}。")

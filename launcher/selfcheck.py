"""The checks of `demo --once`: visit the running product over HTTP and run one matching round."""

from __future__ import annotations

import html
import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from launcher.console import LauncherError, say

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def run(
    address: str, logins: list[dict[str, str]], manage: Callable[..., str], *, has_data: bool = True
) -> dict[str, Any]:
    """Open the home page, log every role in, close a round and wait for its matching run.

    `logins` as in demo_logins.json. `manage` runs a command of manage.py and returns its output; the last line that
    `check_chain` writes is a JSON object. Returns that object and the number of logins; without
    demo data (`has_data`) there is nothing to match, and only the pages are opened. LauncherError names the step
    that failed.
    """
    _HttpSession(address).open("/")
    for login in logins:
        _log_in(address, login)
    say(f"首页正常，{len(logins)} 个角色均可登录。")
    if not has_data:
        return {"logins": len(logins)}
    try:
        counts = json.loads(manage("check_chain").strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise LauncherError("自检没有给出结果：check_chain 的最后一行不是 JSON。") from None
    say("对接轮次已关闭，匹配已完成。")
    return {"logins": len(logins), **counts}


class _HttpSession:
    """An HTTP client that keeps cookies, follows redirects and uses no proxy."""

    def __init__(self, address: str):
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def open(self, path: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """GET, or POST of `fields`. Returns the final URL and the body. LauncherError unless the status is 200."""
        url = urllib.parse.urljoin(self.address, path)
        body = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            with self._opener.open(urllib.request.Request(url, body, {"Referer": url}), timeout=30) as answer:  # noqa: S310
                return answer.url, answer.read().decode()
        except OSError as error:
            raise LauncherError(f"自检失败：{path} 没有正常打开（{error}）。原因见 logs 目录下的 web.log。") from None


def _log_in(address: str, login: dict[str, str]) -> None:
    session = _HttpSession(address)
    _, page = session.open("/accounts/login/")
    fields = {}
    for field in HIDDEN.findall(page):
        attributes = dict(ATTRIBUTE.findall(field))
        fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    fields |= {"username": login["username"], "password": login["password"]}
    final_url, _ = session.open("/accounts/login/", fields)
    if "/login/" in final_url:
        raise LauncherError(f"自检失败：{login['role']} {login['username']} 无法登录。")
    final_url, _ = session.open(login["start_page"])
    if "/login/" in final_url:
        raise LauncherError(f"自检失败：{login['role']} {login['username']} 打不开起始页 {login['start_page']}。")

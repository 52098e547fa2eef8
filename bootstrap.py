#!/usr/bin/env python3
"""The one command: `python3 bootstrap.py demo` or `python3 bootstrap.py test`.

Needs nothing but a Python. Finds one that is new enough, makes `.venv` from the hashed requirements, goes on inside it
and leaves the work to the rooms of `launcher/`. This file, `launcher/places.py`, `launcher/interpreter.py` and
`launcher/install.py` also run on a Python too old for the product (3.8), or it could not look for a newer one.
"""

from __future__ import annotations

import argparse
import os
import sys

from launcher import install
from launcher.places import CHECKOUT, Refusal


def parse(words: list[str]) -> argparse.Namespace:
    """Words of the command line → what to do. What follows `test` and `manage` is passed on untouched."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="一条命令启动或检验本平台。")
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo|test|manage")
    demo = commands.add_parser("demo", help="启动演示：数据库、队列、网站、后台任务")
    demo.add_argument("--port", type=int, default=0, help="网站端口（默认自动选一个空闲端口）")
    demo.add_argument("--once", action="store_true", help="启动、自检、输出一行 JSON 后停止")
    demo.add_argument("--reset", action="store_true", help="清空演示数据后重新开始（先询问）")
    demo.add_argument("--yes", action="store_true", help="与 --reset 同用，不再询问")
    demo.add_argument("--data", metavar="目录", help="数据目录（默认为本目录下的 .data）")
    commands.add_parser("test", help="检查代码并运行全部测试；其余参数交给 pytest")
    commands.add_parser("manage", help="对演示数据运行 manage.py 的命令，例如 manage check")
    if words[:1] in (["test"], ["manage"]):  # argparse would take some of the words for its own
        return argparse.Namespace(command=words[0], rest=words[1:])
    return parser.parse_args(words)


def main() -> int:
    options = parse(sys.argv[1:])
    if os.name == "nt":
        raise Refusal("Windows 上请使用 Docker：docker compose up（见 README）。")
    install.enter([*install.RUN, *(install.TEST if options.command == "test" else [])])
    os.chdir(CHECKOUT)
    if options.command == "test":
        from launcher import suite

        return suite.run(options.rest)
    from launcher import demo

    if options.command == "manage":
        return demo.manage(options.rest)
    return demo.run(data=options.data, port=options.port, once=options.once, reset=options.reset, yes=options.yes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        sys.exit(f"bootstrap.py:{refusal}")
    except KeyboardInterrupt:
        sys.exit(130)

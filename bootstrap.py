#!/usr/bin/env python3
"""The entry point for people: `python3 bootstrap.py demo` or `python3 bootstrap.py test`.

Needs only a Python. Finds one that is new enough, creates `.venv` from the requirements with hashes, restarts inside it
and calls `launcher/`. This file, `launcher/console.py`, `launcher/paths.py`, `launcher/interpreter.py` and
`launcher/install.py` also run on Python 3.8, because they look for a newer one.
"""

from __future__ import annotations

import argparse
import os
import sys

from launcher import install
from launcher.console import LauncherError
from launcher.paths import CHECKOUT


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line. The arguments after `test` and `manage` are passed on unchanged as `rest`."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="一条命令启动或检验本平台。")
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo|dev|test|check|docs|bundle|manage")
    demo = commands.add_parser("demo", help="启动演示：数据库、队列、网站、后台任务")
    demo.add_argument("--port", type=int, default=0, help="网站端口（默认自动选一个空闲端口）")
    demo.add_argument("--once", action="store_true", help="启动、自检、输出一行 JSON 后停止")
    demo.add_argument("--reset", action="store_true", help="清空演示数据后重新开始（先询问）")
    demo.add_argument("--yes", action="store_true", help="与 --reset 同用，不再询问")
    demo.add_argument("--data", metavar="目录", help="数据目录（默认为本目录下的 .data）")
    dev = commands.add_parser("dev", help="开发：演示数据，修改代码后自动重新加载，带调试工具栏")
    dev.add_argument("--port", type=int, default=0, help="网站端口（默认自动选一个空闲端口）")
    dev.add_argument("--data", metavar="目录", help="数据目录（默认为本目录下的 .data）")
    for command in (demo, dev):
        command.add_argument("--city", metavar="目录", help="另一个城市的城市包（见 docs/city-package.md）")
    commands.add_parser(
        "test",
        help="检查代码并运行全部测试（演练除外）；--quick 不含浏览器和耗时测试；--coverage 统计覆盖率；"
        "tests/drills 改为演练启动、终止、升级和恢复；--containers、--bundle 改为演练容器部署、离线安装，"
        "--drills 演练全部（另有逐个强制终止进程，约一小时）；其余参数交给 pytest",
    )
    offline = commands.add_parser("bundle", help="做成离线安装包：源码、依赖包、校验值、安装脚本")
    offline.add_argument("--output", metavar="文件", help="写到哪里（默认按版本和平台命名，放在当前目录）")
    commands.add_parser("check", help="只检查代码，不运行测试（提交前自动运行，见 .pre-commit-config.yaml）")
    commands.add_parser("docs", help="用 docs 目录生成文档网站，放在 site 目录")
    commands.add_parser("manage", help="对演示数据运行 manage.py 的命令，例如 manage check")
    if arguments[:1] in (["test"], ["manage"]):  # argparse would interpret some of these arguments
        return argparse.Namespace(command=arguments[0], rest=arguments[1:])
    return parser.parse_args(arguments)


def main() -> int:
    options = parse(sys.argv[1:])
    if os.name == "nt":
        raise LauncherError("Windows 上请使用 Docker：docker compose up（见 README）。")
    development = options.command in ("dev", "test", "check", "docs")
    install.enter([*install.RUNTIME, *install.ENGINES, *(install.DEVELOPMENT if development else [])])
    os.chdir(CHECKOUT)
    if options.command in ("test", "check"):
        from launcher import bundle, containers, drills, suite

        arguments = getattr(options, "rest", [])
        if "--containers" in arguments:
            return containers.run()
        if "--bundle" in arguments:
            return bundle.drill()
        if "--drills" in arguments:
            return drills.run()
        return suite.check() if options.command == "check" else suite.run(options.rest)
    if options.command == "docs":
        from launcher import documentation

        return documentation.build(documentation.SITE)
    if options.command == "bundle":
        from launcher import bundle

        return bundle.build(options.output)
    from launcher import demo, dev

    if options.command == "manage":
        return demo.manage(options.rest)
    if options.command == "dev":
        return dev.run(data=options.data, port=options.port, city=options.city)
    return demo.run(
        data=options.data,
        port=options.port,
        once=options.once,
        reset=options.reset,
        yes=options.yes,
        city=options.city,
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LauncherError as error:
        sys.exit(f"bootstrap.py:{error}")
    except KeyboardInterrupt:
        sys.exit(130)

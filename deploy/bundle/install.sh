#!/bin/sh
# Install this bundle without a network: sh install.sh FOLDER
set -eu

stop() {
    echo "$1" >&2
    exit 1
}

target=${1:-}
[ -n "$target" ] || stop "用法：sh install.sh 目录（例如 /srv/dalian-techtransfer）"
source=$(cd "$(dirname "$0")" && pwd)
cd "$source"

echo "核对校验值……"
sha256sum --check --quiet SHA256SUMS || stop "安装包的文件与 SHA256SUMS 不符（见上）。请重新传输安装包。"

# The name of the folder says for which Python the wheels are.
wanted=$(basename "$source" | sed -n 's/.*-cp3\([0-9]*\)-.*/3.\1/p')
python=$(command -v "python$wanted" || command -v python3 || true)
[ -n "$python" ] || stop "没有 Python。请先安装 python$wanted 和它的 venv 模块。"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ -z "$wanted" ] || [ "$version" = "$wanted" ] || stop "这个安装包用于 Python $wanted，本机的 $python 是 $version。"

mkdir -p "$target"
target=$(cd "$target" && pwd)
[ "$target" != "$source" ] || stop "请安装到另一个目录，不要装在安装包里。"
echo "复制到 $target……"
# An installation that is upgraded keeps .env and its data; folders of the program are replaced.
for each in "$source"/* "$source"/.env.example; do
    base=$(basename "$each")
    case "$base" in wheels | SHA256SUMS | install.sh) continue ;; esac
    rm -rf "${target:?}/$base"
    cp -R "$each" "$target/$base"
done

echo "建立运行环境……"
"$python" -m venv --clear "$target/.venv"
for file in requirements.txt requirements-demo.txt; do
    "$target/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
        --find-links "$source/wheels" --no-deps --require-hashes -r "$source/$file"
done

echo "准备页面文件……"
cd "$target"
SECRET_KEY=only-for-the-installation DATABASE_URL=postgresql://nobody@localhost/none
export SECRET_KEY DATABASE_URL
.venv/bin/python -m launcher.catalogues
.venv/bin/python manage.py collectstatic --noinput --verbosity 0
chmod -R a+rX staticfiles

echo "已安装到 $target。下一步：docs/operations/server.md（.env、数据库、服务单元）。"

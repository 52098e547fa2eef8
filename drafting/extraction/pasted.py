"""Lines of pasted or plain text, without the navigation of the web page that it comes from."""

import re

from .lines import Document, Line, clean

MAX_CHARS = 60_000
_NAVIGATION = re.compile(
    r"(?:首页|您?当前位置|当前的?位置|您的位置|上一[篇条页]|下一[篇条页]|返回(?:首页|列表|顶部)?|打印本页|打印|关闭(?:窗口)?|分享(?:到)?|收藏"
    r"|浏览(?:次数|量)|点击(?:次数|数|量)?|阅读(?:次数|量)|访问量|发布(?:时间|日期|者)|更新(?:时间|日期)|字号|字体|版权所有|copyright|©"
    r"|[^，。]{0,6}ICP备|信息来源|来源|作者|责任编辑|编辑|审核|登录|注册|扫一扫|相关(?:链接|新闻|推荐)|友情链接)(?:[\s:：>»›|/\[【(（].*|\d.*)?$",
    re.IGNORECASE,
)
_CRUMBS = re.compile(r"[^>»›]{1,20}(?:\s*[>»›]+\s*[^>»›]{1,40}){1,8}")


def read_pasted(text: str) -> Document:
    """`text`: any. Numbers count the lines as pasted."""
    is_cut = len(text) > MAX_CHARS
    lines = []
    for number, part in enumerate(re.split(r"\r\n|[\n\r\x85\u2028\u2029\x0b\x0c]", text[:MAX_CHARS]), 1):
        cells = tuple(filter(None, map(clean, part.split("\t"))))
        if cells and not is_navigation(" ".join(cells)):
            lines.append(Line(cells, 1, number))
    return Document("text", tuple(lines), tuple(lines), is_cut=is_cut)


def is_navigation(text: str) -> bool:
    """Whether a line belongs to the frame of a web page."""
    if len(text) >= 80:
        return False
    if _CRUMBS.fullmatch(text) and not re.search(r"[。；<：:]|\d\s*[>]", text):
        return True
    return bool(_NAVIGATION.match(text))

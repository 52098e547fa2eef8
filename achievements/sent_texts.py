"""What institutions are told about their achievements, each in one sentence."""

from notices.texts.declared import Placeholder, notice_text

GROUP = "成果"
FIELDS = {"成果": Placeholder("成果名称", "海洋平台焊接机器人")}
TEXTS = (
    notice_text(
        "achievements.revision_accepted",
        "成果的修改已批准",
        GROUP,
        "成果“{成果}”的修改已经批准，公开的内容已更新。",
        FIELDS,
        "成果",
    ),
    notice_text(
        "achievements.revision_rejected",
        "成果的修改被退回",
        GROUP,
        "成果“{成果}”的修改被退回，公开的仍是原文。请打开页面看原因。",
        FIELDS,
        "成果",
    ),
)

"""What a user is told once a day about saved searches."""

from notices.texts.declared import Placeholder, notice_text

TEXTS = (
    notice_text(
        "subscriptions.new_items",
        "订阅有新内容",
        "每天的邮件",
        "您的订阅有 {条数} 条新内容。",
        {"条数": Placeholder("几条新内容", "3")},
        "条数",
    ),
)

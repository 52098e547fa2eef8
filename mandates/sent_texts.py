"""What the two sides of a mandate (委托) are told, each in one sentence."""

from notices.texts.declared import NoticeTexts

GROUP = "经纪：委托、帮我找、佣金"
_text = NoticeTexts("mandates", GROUP)
CLIENT = ("委托方", "示例机械有限公司")
AGENT = ("受托的经纪人或机构", "示例技术转移中心")
PURPOSE = ("委托做什么", "寻找厚板焊接技术并代为询问")
MANDATE = ("哪一份委托", "示例机械有限公司委托示例技术转移中心")
REASON = ("填写的原因", "人员变动，不能继续办理")
LAST_DAY = ("委托的最后一天", "10 月 28 日")
TEXTS = (
    _text(
        "proposed_by_client",
        "受托方：请确认委托",
        "{委托方}想委托您：{事项}。请确认是否接受。",
        委托方=CLIENT,
        事项=PURPOSE,
    ),
    _text(
        "proposed_by_agent",
        "委托方：请确认委托",
        "{受托方}请贵单位确认一份委托：{事项}。",
        受托方=AGENT,
        事项=PURPOSE,
    ),
    _text("confirmed", "对方已确认委托", "“{委托}”已经对方确认。", 委托=MANDATE),
    _text("document_checked", "委托书已核对", "“{委托}”的委托书已核对，委托生效。", 委托=MANDATE),
    _text(
        "document_added",
        "对方上传了委托书",
        "“{委托}”：{哪一方}上传了委托书。请看是否和双方的约定一致，不一致可以终止委托。",
        委托=MANDATE,
        哪一方=("谁上传的", "示例机械有限公司"),
    ),
    _text(
        "document_replaced",
        "对方换了一份委托书",
        "“{委托}”：{哪一方}换了一份委托书，原来的还留着。请看是否和双方的约定一致，不一致可以终止委托。",
        委托=MANDATE,
        哪一方=("谁换的", "示例机械有限公司"),
    ),
    _text("refused", "对方没有同意委托", "“{委托}”对方没有同意：{原因}", 委托=MANDATE, 原因=REASON),
    _text(
        "ending",
        "委托快到期",
        "“{委托}”到 {最后一天}为止。如需继续，请委托方在委托页延长。",
        委托=MANDATE,
        最后一天=LAST_DAY,
    ),
    _text(
        "extended",
        "委托延长",
        "“{委托}”延长到 {最后一天}，委托范围不变。",
        委托=MANDATE,
        最后一天=("新的最后一天", "2026-12-31"),
    ),
    _text("expired", "委托到期", "“{委托}”已到期。", 委托=MANDATE),
    _text(
        "ended",
        "委托终止",
        "{哪一方}终止了“{委托}”。写好的内容都留在委托方。",
        哪一方=("谁终止的", "受托方"),
        委托=MANDATE,
    ),
    _text(
        "ended_with_reason",
        "委托终止，写了原因",
        "{哪一方}终止了“{委托}”：{原因}。写好的内容都留在委托方。",
        哪一方=("谁终止的", "受托方"),
        委托=MANDATE,
        原因=REASON,
    ),
    _text(
        "agent_gone",
        "受托方已注销",
        "{委托方}的一份委托已终止：受托方已注销。写好的内容都留在委托方。",
        委托方=CLIENT,
    ),
)

"""Two documents of an office, a patent and a pasted page about the same achievement, read and waiting."""

from accounts.models import Organisation
from drafting.models import DocumentDraft
from drafting.services.documents import add_documents, read_draft_document
from portal.demo.people import DemoContext

OFFICE = "dut"
PATENT = """(19)国家知识产权局
(12)发明专利
(10)授权公告号 CN 116000001 B
(45)授权公告日 2024.03.12
(21)申请号 202210000042.X
(22)申请日 2022.01.04
(73)专利权人 {institution}
(72)发明人 示例人甲 示例人乙
(54)发明名称
一种扇贝壳粉体改性环保融雪剂的制备方法
(57)摘要
本发明公开了一种扇贝壳粉体改性环保融雪剂的制备方法，以废弃扇贝壳为原料，经煅烧、醋酸中和与缓蚀剂复配得到醋酸钙镁型融雪剂，
冰点低至 -25 ℃，对碳钢的腐蚀率比氯化钠低 85%。
"""
PAGE = """首页 > 科研成果 > 详情
扇贝壳环保融雪剂
发布时间：2025-11-20 浏览次数：318
成果名称：扇贝壳粉体改性环保融雪剂
完成单位：{institution}
负责人：示例人甲
所处阶段：中试
应用领域：机场、桥梁和城市道路的冬季除雪。
意向价格：60-90万元
合作方式：技术许可、合作开发
联系人：示例人乙 13800000000
"""


def load_document_drafts(demo: DemoContext) -> None:
    """Runs once."""
    officer = demo.people[OFFICE]
    institution = Organisation.objects.filter(pk__in=officer.scope.institution_ids).order_by("pk").first()
    if institution is None or DocumentDraft.objects.exists():
        return
    for text in (PATENT, PAGE):
        (draft,) = add_documents(
            [], text=text.format(institution=institution.name), institution=institution, by=officer
        )
        for document in draft.documents.all():
            read_draft_document(document)

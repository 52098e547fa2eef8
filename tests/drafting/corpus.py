"""The documents of `made_files`, with what stands in them: {field: text of its input}. Written before the rules."""

from tests.drafting import made_files as made
from tests.drafting.making import UNIVERSITY, Case, word

DEVELOPMENT = [
    Case(
        "patent_b",
        "pdf",
        made.patent_b,
        {
            "title": "一种用于海水淡化的氧化石墨烯复合膜及其制备方法",
            "institution": UNIVERSITY,
            "lead_person": "张海生",
            "completers": "张海生；李明；王思远；赵晓东；欧阳文；孙倩",
            "summary": made.ABSTRACT,
            "intellectual_property": "发明专利:ZL202210589658.1 授权",
        },
    ),
    Case(
        "patent_a",
        "pdf",
        made.patent_a,
        {
            "title": "一种风电齿轮箱的在线润滑监测系统、方法、电子设备及存储介质",
            "institution": UNIVERSITY,
            "partner_names": "滨城海源装备有限公司",
            "lead_person": "周航",
            "completers": "周航；郑伟民；冯雪",
            "summary": "本申请涉及风电装备技术领域，提供一种风电齿轮箱的在线润滑监测系统。系统在回油管路上设置铁磁颗粒"
            "传感器，按采样周期统计颗粒数，"
            "并以滑动窗口判断磨损趋势。与定期取样相比，预警时间提前 200 h 以上。",
            "intellectual_property": "发明专利:202410058812.5 公开",
        },
    ),
    Case(
        "utility_model",
        "pdf",
        made.utility_model,
        {
            "title": "一种贝类柔性夹持末端执行器",
            "institution": UNIVERSITY,
            "lead_person": "高峰",
            "completers": "高峰；何丽娜",
            "summary": (
                "本实用新型公开了一种贝类柔性夹持末端执行器，包括安装座、三个气动软指和压力传感器。软指内壁设有"
                "防滑齿，夹持力在 2–15 N 之间可调，破损率低于 0.5%。"
            ),
            "intellectual_property": "实用新型:ZL202321234567.X 授权",
        },
    ),
    Case(
        "design",
        "pdf",
        made.design,
        {
            "title": "水面清洁机器人",
            "institution": UNIVERSITY,
            "lead_person": "罗琳",
            "completers": "罗琳",
            "intellectual_property": "外观设计:ZL202330123456.0 授权",
        },
        ("price", "keywords", "stage", "summary"),
    ),
    Case(
        "old_patent",
        "pdf",
        made.old_patent,
        {
            "title": "一种低温氯化制备高纯氧化镁的方法",
            "institution": UNIVERSITY,
            "lead_person": "马国强",
            "completers": "马国强；胡静",
            "summary": (
                "一种低温氯化制备高纯氧化镁的方法，属于无机化工技术领域。其特征是以菱镁矿为原料，在 450 ℃ 下氯"
                "化，再水解、煅烧，产品纯度大于 99.5%。"
            ),
            "intellectual_property": "发明专利:ZL200510046789.9 授权",
        },
    ),
    Case(
        "certificate",
        "pdf",
        made.certificate,
        {
            "title": "一种核电主泵转子的装配间隙测量装置",
            "institution": UNIVERSITY,
            "lead_person": "唐毅",
            "completers": "唐毅；蒋一帆；沈琳",
            "intellectual_property": "发明专利:ZL202110456789.5 授权",
        },
        ("price", "keywords", "stage", "summary", "evaluated_on"),
    ),
    Case("form_docx", "docx", lambda: word(made._form), made.FORM_EXPECTED, ("price", "national_number")),
    Case(
        "form_pdf",
        "pdf",
        made.form_pdf,
        {
            "title": "近海养殖网箱抗风浪锚泊系统",
            "national_number": "2102024Y0123",
            "institution": UNIVERSITY,
            "category": "应用技术成果",
            "stage": "中期阶段",
            "evaluation": "验收",
            "evaluated_on": "2024-03-15",
            "keywords": "网箱；锚泊；抗风浪",
            "applied_industry": "渔业",
            "lead_person": "杜鹏",
            "summary": (
                "面向 20–40 米水深海域，采用浮筒与复合锚链组合的锚泊方案，在 12 级台风下锚点位移小于 1.5 米。现"
                "场试验两年，网箱完好率 98%。"
            ),
            "scenario": "适用于大型深远海养殖网箱，也可用于海上光伏浮体。",
        },
        ("price", "intellectual_property", "transfer_ways"),
    ),
    Case(
        "form_of_lines",
        "docx",
        made.form_of_lines,
        {
            "title": "高能量密度固态电解质薄膜的卷对卷制备技术",
            "institution": UNIVERSITY,
            "completers": "任远；康乐；毛小宁",
            "stage": "中期阶段",
            "intellectual_property": "发明专利:ZL202010234567.2 授权\n发明专利:202310123456.4 实质审查",
            "price": "300 万元",
            "transfer_ways": "技术转让；作价入股",
            "summary": (
                "采用狭缝涂布和近红外干燥连续制备厚度 20 微米的固态电解质薄膜，室温离子电导率 1.2 mS/cm。\n已建"
                "成年产 5 万平方米中试线。"
            ),
        },
        ("keywords", "standing"),
    ),
    Case(
        "poster",
        "pdf",
        made.poster,
        {
            "title": "水下焊缝智能检测机器人",
            "institution": UNIVERSITY,
            "summary": (
                "面向码头钢桩和导管架的水下焊缝检测，机器人搭载涡流阵列与双目相机，自动跟踪焊缝并给出缺陷的位置"
                "和长度。检测速度 0.5 米/分钟，裂纹检出率 95%。"
            ),
            "innovation": "1. 浑水中双目与声呐融合定位，误差小于 5 mm。\n2. 涡流阵列自适应提离补偿。",
            "scenario": "港口码头、海上风电、跨海桥梁。",
            "transfer_ways": "技术许可；合作开发",
        },
        ("price", "keywords", "stage", "lead_person"),
    ),
    Case(
        "brochure",
        "pdf",
        made.brochure,
        {
            "title": "冷链车厢相变蓄热除霜技术",
            "institution": UNIVERSITY,
            "summary": (
                "针对冷链车厢除霜耗能高的问题，提出逆循环与相变蓄热结合的除霜方法，除霜时间缩短 40%，箱内温度波"
                "动不超过 2 ℃，每百公里节电约 6 千瓦时。"
            ),
            "indicators": "除霜时间：≤8 min\n温度波动：≤2 ℃",
            "stage": "中期阶段",
            "price": "80–120 万元",
            "intellectual_property": "发明专利:ZL202110567890.6",
            "lead_person": "韩冬",
            "transfer_ways": "技术转让",
        },
        ("keywords", "national_number"),
    ),
    Case(
        "web_page",
        "text",
        made.web_page,
        {
            "title": "一种耐盐碱海水稻专用微生物菌剂",
            "institution": UNIVERSITY,
            "lead_person": "田丰",
            "stage": "初期阶段",
            "summary": (
                "菌剂由三株耐盐芽孢杆菌复配而成，在含盐 0.6% 的滩涂稻田施用，出苗率提高 18%，亩产提高 45 公斤。"
            ),
            "scenario": "适用于滨海盐碱地改良和水稻种植。",
            "price": "面议",
        },
        ("keywords", "evaluated_on", "intellectual_property"),
    ),
    Case(
        "web_table",
        "text",
        made.web_table,
        {
            "title": "基于声发射的压力容器在线监测系统",
            "institution": UNIVERSITY,
            "industry": "高端装备",
            "lead_person": "薛工",
            "maturity_level": "7",
            "intellectual_property": "发明专利:ZL202210111222.5",
            "summary": (
                "系统以 16 路声发射传感器在线监测压力容器的裂纹扩展，定位误差小于容器长度的 3%，误报率低于 2%，"
                "已在两套装置上运行一年。"
            ),
            "transfer_ways": "技术许可",
        },
    ),
    Case(
        "word_brochure",
        "docx",
        made.word_brochure,
        {
            "title": "海参多肽绿色制备技术",
            "institution": UNIVERSITY,
            "college": "食品学院",
            "lead_person": "范莉",
            "summary": (
                "以海参加工下脚料为原料，用双酶分步酶解和膜分离制备小分子多肽，得率 32%，分子量小于 1000 Da 的"
                "占 85%，不使用有机溶剂。"
            ),
            "innovation": "酶解时间由 8 小时缩短到 3 小时，吨水耗下降 40%。",
            "economics": "按年处理 500 吨下脚料计，新增产值 1200 万元。",
        },
    ),
]

"""Documents written after the rules: what is read of them is measured before anything is mended."""

from tests.drafting.making import UNIVERSITY, Case, pdf, table, word


def narrow_patent() -> bytes:
    """The abstract in the left column, its drawing in the right one."""
    left = (
        f"(21)申请号 201811234567.1<br>(22)申请日 2018.10.22<br>(73)专利权人 {UNIVERSITY}<br>地址 116024 某"
        f"省滨城市凌海路2号<br>"
        "(72)发明人 邹一鸣 徐　燕 龚振宇<br>欧阳修远 白　雪<br>(74)专利代理机构 滨城知远专利代理事务所<br>("
        "普通合伙) 21234<br>代理人 钱某<br>"
        "(54)发明名称<br>一种船用柴油机余热驱动的吸附式制冷装置<br>(57)摘要<br>一种船用柴油机余热驱动的吸附"
        "式制冷装置，属于余热利用技术领域。装置以分子筛为吸附剂，"
        "以水为制冷剂，利用 350 ℃ 的排气余热驱动。制冷系数达到 0.42，满足渔船鱼舱 -2 ℃ 保鲜的要求。"
    )
    right = (
        "(51)Int.Cl.<br>F25B 17/08(2006.01)<br>F25B 27/02(2006.01)<br>(56)对比文件<br>CN 107228503 A,2017.10.03"
        "<br>审查员 孙某<br><br>权利要求书1页<br>说明书5页<br>附图2页"
    )
    return pdf(
        "<div>(19)中华人民共和国国家知识产权局</div><h2>(12)发明专利</h2><div style='text-align:right'>(10)"
        "授权公告号 CN 109357436 B<br>(45)授权公告日 2020.09.11</div>"
        f"<div style='display:flex;gap:9mm'><div style='width:82mm'>{left}</div><div style='width:82mm'>{right}"
        f"</div></div>"
    )


def shuffled_patent() -> bytes:
    """Every line at a fixed place, in the file from the last to the first."""
    lines = [
        (16, 10, "(19) 国家知识产权局"),
        (16, 20, "(12) 发明专利申请"),
        (110, 20, "(10) 申请公布号 CN 118765432 A"),
        (110, 27, "(43) 申请公布日 2024.10.11"),
        (16, 40, "(21) 申请号 202410712345.8"),
        (16, 47, "(22) 申请日 2024.06.03"),
        (16, 54, f"(71) 申请人 {UNIVERSITY}"),
        (24, 61, "地址 116024 某省滨城市凌海路2号"),
        (16, 68, "(72) 发明人 秦朗 J·史密斯 余思齐"),
        (110, 40, "(51) Int.Cl."),
        (118, 47, "G06T 7/00 (2017.01)"),
        (118, 54, "G06N 3/08 (2023.01)"),
        (16, 82, "(54) 发明名称"),
        (24, 89, "基于少样本学习的船体焊缝缺陷识别方法"),
        (16, 100, "(57) 摘要"),
        (24, 107, "本发明提供基于少样本学习的船体焊缝缺陷识别方法，以每类 20 张图像训练，"),
        (16, 114, "通过原型网络与数据增强结合，对气孔、夹渣、未熔合三类缺陷的识别准确率达到 93.5%。"),
    ]
    body = "".join(
        f"<div style='position:absolute;left:{x - 16}mm;top:{y}mm;white-space:nowrap'>{text}</div>"
        for x, y, text in reversed(lines)
    )
    return pdf(body)


def spaced_utility_model() -> bytes:
    """Letters set apart, as some exports of the text layer have them."""
    return pdf(
        "<p>(19)国家知识产权局<h2>(12)实用新型专利</h2><p>(10)授权公告号 CN 217654321 U<p>(45)授权公告日 2022.10.21"
        f"<p>(21)申请号 202221345678.9<p>(22)申请日 2022.05.31<p>(73)专利权人 {UNIVERSITY}；滨城港务机械有限"
        f"公司<p>地址 116024 某省滨城市凌海路2号"
        "<p>(72)发明人 贺　兰；石敬堂；顾　盼<p>(51)Int.Cl.<br>B66C 13/46(2006.01)<p>(54)实用新型名称<p sty"
        "le='letter-spacing:.35em'>一种岸桥吊具防摇装置"
        "<p>(57)摘要<p style='letter-spacing:.2em'>本实用新型公开了一种岸桥吊具防摇装置，包括安装在小车上的"
        "四台力矩电机和测距仪，摇摆幅度减小 70%。"
    )


def vertical_form() -> bytes:
    def build(document) -> None:
        document.add_heading("附件2  科技成果登记表", 1)
        table(
            document,
            [
                ["一\n基\n本\n情\n况", "成 果 名 称", "退役风机叶片玻璃纤维的溶剂法回收工艺", "登 记 号", ""],
                ["", "第一完成单位（盖章）", UNIVERSITY, "所在地区", "某省滨城市"],
                [
                    "",
                    "成果体现形式",
                    "新技术（ ） 新工艺（√） 新产品（ ） 新材料（ ）",
                    "成果密级",
                    "公开（√） 秘密（ ）",
                ],
                ["", "成果所处阶段", "初期阶段（ ） 中期阶段（√） 成熟应用阶段（ ）", "成果水平", "国内领先"],
                ["", "评价方式", "第三方评价", "评价时间", "2024.8.6"],
                ["", "评价单位", "滨城科技评估中心", "学科分类", "材料科学"],
                ["", "应用行业", "废弃资源综合利用业", "拟转化方式", "技术许可、作价入股"],
                ["", "意向价格（万元）", "260", "关键词", "风机叶片；玻璃纤维；回收"],
            ],
        )
        table(
            document,
            [
                [
                    "成\n果\n简\n介",
                    "在常压、180 ℃ 下用乙二醇和催化剂溶解环氧树脂，玻璃纤维回收率 97%，强度保持率 88%，溶剂"
                    "循环使用 20 次。",
                ],
                ["创\n新\n点", "常压溶解，无需高压釜；催化剂可磁选分离。"],
                ["主要完成人", "第1完成人：尹航；第2完成人：贾宁"],
            ],
        )

    return word(build)


def centred_form() -> bytes:
    rows = [
        ("成果名称", "面向极寒海域的波浪能与温差能联合发电装置", "成果类别", "应用技术成果"),
        ("第一完成单位", UNIVERSITY, "合作单位", "滨城海洋工程研究院、滨城电机股份有限公司"),
        ("成果所处阶段", "初期阶段", "成果属性", "原始性创新"),
        ("专利号", "ZL202110998877.X", "转化方式", "合作开发"),
        ("项目负责人", "梅长青", "联系电话", "0411-84709999"),
    ]
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return pdf(
        f"<h2 style='text-align:center'>科技成果信息采集表</h2><table class=b>{body}</table>"
        "<table class=b><tr><td style='width:26mm'>成果简介<td style='width:140mm;text-align:left'>装置把振"
        "荡水柱与热电堆集成在一个浮体上，波高 1 米时输出功率 3 千瓦，"
        "-30 ℃ 环境下连续运行 60 天无故障，适合海上观测平台供电。</table>",
        ".b td{border:1px solid;padding:2mm;width:38mm;vertical-align:middle;text-align:center;font-size:10.5pt}",
    )


def three_columns() -> bytes:
    columns = [
        "<b>【项目概况】</b><p>开发了适用于海水的微藻固碳反应器，单位体积固碳速率 1.8 克/升·天，能耗比平板式低 35%。",
        "<b>【技术特点】</b><p>柔性膜导光，清洗周期延长到 45 天；在线监测藻密度。<p><b>【应用范围】</b><p>"
        "沿海电厂和石化企业的烟气减排。",
        "<b>【合作模式】</b><p>技术许可<p><b>【转让费】</b><p>150万元<p><b>【负责人】</b><p>柳青 教授<p><b>"
        "【微信】</b><p>Wx_liuqing88",
    ]
    body = "".join(f"<div style='width:52mm'>{column}</div>" for column in columns)
    return pdf(
        f"<p style='font-size:9pt'>{UNIVERSITY}技术转移中心 · 2024 对接会</p><p style='font-size:26pt;margin"
        f":2mm 0'>海水微藻固碳光反应器</p><div style='display:flex;gap:7mm'>{body}</div>"
    )


def plain_web_page() -> bytes:
    return (
        "学校首页\n当前位置：首页>>科技成果>>先进制造\n大型薄壁构件镜像铣削支撑头\n作者：科研院 来源：科研"
        "院 点击数：256\n"
        f"{UNIVERSITY}机械学院研发的镜像铣削支撑头用于火箭贮箱等大型薄壁构件的壁厚精确加工。支撑头由 9 个独"
        f"立液压单元组成，随动误差小于 0.05 毫米，壁厚误差控制在 ±0.1 毫米以内，加工效率是化学铣切的 3 倍，"
        f"并且没有废液。\n"
        "一、创新点\n（1）支撑力按切削力实时调节。\n（2）以激光和超声双通道测厚。\n二、应用前景\n航天贮箱、"
        "飞机蒙皮等薄壁构件。\n三、知识产权\n已授权发明专利2项：ZL201910012345.8、ZL202010054321.4\n四、团"
        "队介绍\n团队由 12 人组成。\n"
        "五、联系方式\n地址：某省滨城市凌海路2号 电话：0411-84706666\n"
    ).encode()


def utility_certificate() -> bytes:
    return pdf(
        "<h1 style='text-align:center'>实用新型专利证书</h1><p>证书号第 18765432 号"
        "<p>实用新型名称：一种海参加工用自动去脏装置<p>专　利　号：ZL 2022 2 2345678.1<p>专利申请日：2022 "
        "年 08 月 30 日<p>"
        f"专利权人：{UNIVERSITY}<br>地　　址：116024 某省滨城市凌海路2号<p>发　明　人：左宗棠;冷　月<p>授权"
        f"公告日：2023 年 01 月 17 日　授权公告号：CN 218301234 U"
    )


HELD_OUT = [
    Case(
        "narrow_patent",
        "pdf",
        narrow_patent,
        {
            "title": "一种船用柴油机余热驱动的吸附式制冷装置",
            "institution": UNIVERSITY,
            "lead_person": "邹一鸣",
            "completers": "邹一鸣；徐燕；龚振宇；欧阳修远；白雪",
            "summary": "一种船用柴油机余热驱动的吸附式制冷装置，属于余热利用技术领域。装置以分子筛为吸附剂，以水为制冷"
            "剂，利用 350 ℃ 的排气余热驱动。"
            "制冷系数达到 0.42，满足渔船鱼舱 -2 ℃ 保鲜的要求。",
            "intellectual_property": "发明专利:ZL201811234567.1 授权",
        },
    ),
    Case(
        "shuffled_patent",
        "pdf",
        shuffled_patent,
        {
            "title": "基于少样本学习的船体焊缝缺陷识别方法",
            "institution": UNIVERSITY,
            "lead_person": "秦朗",
            "completers": "秦朗；J·史密斯；余思齐",
            "summary": (
                "本发明提供基于少样本学习的船体焊缝缺陷识别方法，以每类 20 张图像训练，通过原型网络与数据增强结"
                "合，对气孔、夹渣、未熔合三类缺陷的识别准确率达到 93.5%。"
            ),
            "intellectual_property": "发明专利:202410712345.8 公开",
        },
    ),
    Case(
        "spaced_utility_model",
        "pdf",
        spaced_utility_model,
        {
            "title": "一种岸桥吊具防摇装置",
            "institution": UNIVERSITY,
            "partner_names": "滨城港务机械有限公司",
            "lead_person": "贺兰",
            "completers": "贺兰；石敬堂；顾盼",
            "summary": (
                "本实用新型公开了一种岸桥吊具防摇装置，包括安装在小车上的四台力矩电机和测距仪，摇摆幅度减小 70%。"
            ),
            "intellectual_property": "实用新型:ZL202221345678.9 授权",
        },
    ),
    Case(
        "vertical_form",
        "docx",
        vertical_form,
        {
            "title": "退役风机叶片玻璃纤维的溶剂法回收工艺",
            "institution": UNIVERSITY,
            "form": "新工艺",
            "stage": "中期阶段",
            "standing": "国内领先",
            "evaluation": "第三方评估",
            "evaluated_on": "2024-08-06",
            "evaluated_by": "滨城科技评估中心",
            "discipline": "材料科学",
            "applied_industry": "废弃资源综合利用业",
            "transfer_ways": "技术许可；作价入股",
            "price": "260 万元",
            "keywords": "风机叶片；玻璃纤维；回收",
            "summary": (
                "在常压、180 ℃ 下用乙二醇和催化剂溶解环氧树脂，玻璃纤维回收率 97%，强度保持率 88%，溶剂循环使用 20 次。"
            ),
            "innovation": "常压溶解，无需高压釜；催化剂可磁选分离。",
            "completers": "尹航；贾宁",
        },
        ("national_number", "intellectual_property"),
    ),
    Case(
        "centred_form",
        "pdf",
        centred_form,
        {
            "title": "面向极寒海域的波浪能与温差能联合发电装置",
            "institution": UNIVERSITY,
            "category": "应用技术成果",
            "partner_names": "滨城海洋工程研究院、滨城电机股份有限公司",
            "stage": "初期阶段",
            "attribute": "原始性创新",
            "intellectual_property": "发明专利:ZL202110998877.X",
            "transfer_ways": "合作开发",
            "lead_person": "梅长青",
            "summary": (
                "装置把振荡水柱与热电堆集成在一个浮体上，波高 1 米时输出功率 3 千瓦，-30 ℃ 环境下连续运行 60 天"
                "无故障，适合海上观测平台供电。"
            ),
        },
        ("price", "keywords"),
    ),
    Case(
        "three_columns",
        "pdf",
        three_columns,
        {
            "title": "海水微藻固碳光反应器",
            "institution": UNIVERSITY,
            "summary": "开发了适用于海水的微藻固碳反应器，单位体积固碳速率 1.8 克/升·天，能耗比平板式低 35%。",
            "innovation": "柔性膜导光，清洗周期延长到 45 天；在线监测藻密度。",
            "scenario": "沿海电厂和石化企业的烟气减排。",
            "transfer_ways": "技术许可",
            "price": "150 万元",
            "lead_person": "柳青",
        },
        ("keywords", "stage"),
    ),
    Case(
        "plain_web_page",
        "text",
        plain_web_page,
        {
            "title": "大型薄壁构件镜像铣削支撑头",
            "institution": UNIVERSITY,
            "summary": f"{UNIVERSITY}机械学院研发的镜像铣削支撑头用于火箭贮箱等大型薄壁构件的壁厚精确加工。支撑头由 9 "
            f"个独立液压单元组成，随动误差小于 0.05 毫米，"
            "壁厚误差控制在 ±0.1 毫米以内，加工效率是化学铣切的 3 倍，并且没有废液。",
            "innovation": "（1）支撑力按切削力实时调节。\n（2）以激光和超声双通道测厚。",
            "scenario": "航天贮箱、飞机蒙皮等薄壁构件。",
            "intellectual_property": "发明专利:ZL201910012345.8 授权\n发明专利:ZL202010054321.4 授权",
        },
        ("price", "keywords", "stage", "lead_person", "completers"),
    ),
    Case(
        "utility_certificate",
        "pdf",
        utility_certificate,
        {
            "title": "一种海参加工用自动去脏装置",
            "institution": UNIVERSITY,
            "lead_person": "左宗棠",
            "completers": "左宗棠；冷月",
            "intellectual_property": "实用新型:ZL202222345678.1 授权",
        },
        ("summary", "evaluated_on"),
    ),
]

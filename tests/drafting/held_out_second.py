"""A second set, written after the rules were mended by the first: measured before they were mended again."""

from tests.drafting.making import UNIVERSITY, Case, pdf, table, word

U = UNIVERSITY


def real_form():
    def b(d):
        d.add_heading("国家科技成果登记表（应用技术类成果）", 0)
        table(
            d,
            [
                ["成果名称", "船舶压载水电解海水处理系统", "", ""],
                ["研究起止时间", "2018-01 至 2021-12", "登记号", "21022022Y0456"],
                ["第一完成单位", "单位名称", U, ""],
                ["", "单位属性", "大专院校", "所在地区 某省"],
                ["", "联系人", "姚远", "联系电话 13800138000"],
                ["课题来源", "国家科技计划", "课题立项名称", "十三五"],
                ["成果体现形式", "新装备", "成果属性", "原始性创新"],
                ["成果所处阶段", "成熟应用阶段", "成果水平", "国内领先"],
                ["学科分类名称", "船舶工程", "应用行业名称", "船舶制造"],
                ["评价方式", "评审", "组织评价单位", "某省科技厅"],
                ["评价日期", "20211210", "关键词", "压载水、电解、海水"],
                ["知识产权形式", "发明专利", "专利号", "ZL201811223344.5；ZL201911223355.6"],
                ["转让方式", "技术许可，合作转化", "转让费（万元）", "100～150"],
            ],
        )
        table(
            d,
            [
                ["成果简介（500字以内）"],
                [
                    "采用管式电解单元在线产生次氯酸钠，处理量每小时 1000 立方米，满足 IMO D-2 标准，能耗每"
                    "千立方米 18 千瓦时。"
                ],
                ["主要完成人"],
            ],
        )
        table(
            d,
            [
                ["序号", "姓名", "性别", "技术职称", "工作单位", "对成果创造性贡献"],
                ["1", "姚远", "男", "教授", U, "总体设计"],
                ["2", "万里", "女", "高工", "滨城船研所", "电解单元"],
            ],
        )

    return word(b)


def poster2():
    return pdf(
        f"<div style='background:#246;color:#fff;padding:6mm;font-size:28pt'>深海采矿矿浆输送泵</div><div st"
        f"yle='font-size:13pt;color:#456'>Slurry Pump for Deep-Sea Mining</div>"
        "<h3>■ 背景与问题</h3><p>现有输送泵叶轮在含粗颗粒矿浆中磨损快，平均寿命不足 300 小时。"
        "<h3>■ 解决方案</h3><p>采用双金属复合叶轮与旋流进口，粗颗粒通过直径 50 毫米，叶轮寿命超过 1500 小时。"
        "<h3>■ 主要技术指标</h3><ul><li>扬程 270 米</li><li>流量 420 立方米/小时</li></ul>"
        "<h3>■ 知识产权</h3><p>授权发明专利 3 项（ZL201810101010.2 等）<h3>■ 技术成熟度</h3><p>TRL 6<h3>■ "
        "拟转化方式</h3><p>技术转让、作价入股，价格面议"
        f"<h3>■ 联系我们</h3><p>{U} 技术转移中心 电话 0411-84701111 邮箱 tto@example.edu.cn"
    )


def web3():
    return (
        "高性能船用阻尼涂层\n\n【成果简介】\n研制了水性丙烯酸阻尼涂层，损耗因子峰值大于 0.9，温域宽 60 ℃，"
        "用于舱室减振降噪。\n【技术成熟度】\n已完成中试\n【应用前景】\n船舶、轨道交通。\n【专利情况】\n已申"
        "请发明专利 2 项（202310202020.3，202310303030.4）\n【合作方式】\n技术许可\n【完成人】\n白露 副教授"
        "\n"
        f"来源：{U}科研院\n"
    ).encode()


def pat3():
    # labels and values in separate columns with gaps, (57) wraps with english
    rows = [
        ("(21)", "申请号", "202111222333.4"),
        ("(22)", "申请日", "2021.10.20"),
        ("(71)", "申请人", U),
        ("", "地址", "116024 某省滨城市凌海路2号"),
        ("(72)", "发明人", "纪　晓　云　飞　安　宁"),
    ]
    body = "".join(f"<tr><td style='width:14mm'>{a}<td style='width:26mm'>{b}<td>{c}" for a, b, c in rows)
    return pdf(
        "<p>(19) 国家知识产权局</p><h2>(12) 发明专利申请</h2><p>(10) 申请公布号&emsp;CN 114012345 A</p><p>("
        "43) 申请公布日&emsp;2022.02.08</p><table>"
        + body
        + "</table><p>(54) 发明名称</p><p>Method 与装置结合的船舶 LNG 燃料蒸发气再液化系统</p><p>(57) 摘要</p"
        "><p>本发明公开一种船舶 LNG 燃料蒸发气再液化系统，由氮气逆布雷顿循环(reverse Brayton cycle)与蒸发气"
        "压缩机组成，再液化率 92%，单位能耗 0.75 kWh/kg。</p>"
    )


def pat_joint():
    return pdf(
        "<p>(19)国家知识产权局</p><h2>(12)发明专利</h2><p>(10)授权公告号 CN 112233445 B</p><p>(45)授权公告"
        "日 2022.07.05</p><p>(21)申请号 202011020304.5</p><p>(22)申请日 2020.09.25</p><p>(73)专利权人 滨城"
        "海洋装备股份有限公司<br>地址 116000 某省滨城市港湾街1号<br>专利权人 "
        + U
        + "</p><p>(72)发明人 谭  林 司马晴 黎 明</p><p>(54)发明名称<br>一种半潜式平台动力定位方法</p><p>(57)"
        "摘要<br>本发明公开了一种半潜式平台动力定位方法，在八级海况下定位误差小于 2 米，推进器功耗下降 12%"
        "。</p>"
    )


def docx_letter():
    def b(d):
        d.add_paragraph("科技成果推广信息")
        d.add_paragraph("名    称：贝壳基缓释钙肥")
        d.add_paragraph("负 责 人：方圆（教授，博士生导师）")
        d.add_paragraph(f"单    位：{U}生命科学学院")
        d.add_paragraph(
            "技术简介：以养殖废弃贝壳为原料，机械力活化后包膜，钙释放周期 90 天，苹果苦痘病发病率下降 60%。"
        )
        d.add_paragraph("产业化前景：年产 1 万吨生产线投资约 800 万元。")
        d.add_paragraph("转让价格：120 万元（可面议）")
        d.add_paragraph("成果阶段：小批量生产")

    return word(b)


HELD_OUT_SECOND = [
    Case(
        "real_form",
        "docx",
        real_form,
        {
            "title": "船舶压载水电解海水处理系统",
            "national_number": "21022022Y0456",
            "institution": U,
            "form": "新装备",
            "attribute": "原始性创新",
            "stage": "成熟应用阶段",
            "standing": "国内领先",
            "discipline": "船舶工程",
            "applied_industry": "船舶制造",
            "evaluation": "评审",
            "evaluated_by": "某省科技厅",
            "evaluated_on": "2021-12-10",
            "keywords": "压载水；电解；海水",
            "intellectual_property": "发明专利:ZL201811223344.5\n发明专利:ZL201911223355.6",
            "transfer_ways": "技术许可；合作开发",
            "price": "100–150 万元",
            "summary": (
                "采用管式电解单元在线产生次氯酸钠，处理量每小时 1000 立方米，满足 IMO D-2 标准，能耗每千立方米 "
                "18 千瓦时。"
            ),
            "completers": f"姚远（{U}）；万里（滨城船研所）",
        },
    ),
    Case(
        "poster2",
        "pdf",
        poster2,
        {
            "title": "深海采矿矿浆输送泵",
            "institution": U,
            "indicators": "扬程 270 米\n流量 420 立方米/小时",
            "intellectual_property": "发明专利:ZL201810101010.2 授权",
            "maturity_level": "6",
            "transfer_ways": "技术转让；作价入股",
        },
    ),
    Case(
        "web3",
        "text",
        web3,
        {
            "title": "高性能船用阻尼涂层",
            "institution": U,
            "summary": "研制了水性丙烯酸阻尼涂层，损耗因子峰值大于 0.9，温域宽 60 ℃，用于舱室减振降噪。",
            "scenario": "船舶、轨道交通。",
            "intellectual_property": "发明专利:202310202020.3\n发明专利:202310303030.4",
            "transfer_ways": "技术许可",
            "completers": "白露",
        },
    ),
    Case(
        "pat3",
        "pdf",
        pat3,
        {
            "title": "Method 与装置结合的船舶 LNG 燃料蒸发气再液化系统",
            "institution": U,
            "lead_person": "纪晓",
            "completers": "纪晓；云飞；安宁",
            "intellectual_property": "发明专利:202111222333.4 公开",
            "summary": (
                "本发明公开一种船舶 LNG 燃料蒸发气再液化系统，由氮气逆布雷顿循环(reverse Brayton cycle)与蒸发气"
                "压缩机组成，再液化率 92%，单位能耗 0.75 kWh/kg。"
            ),
        },
    ),
    Case(
        "pat_joint",
        "pdf",
        pat_joint,
        {
            "title": "一种半潜式平台动力定位方法",
            "institution": U,
            "partner_names": "滨城海洋装备股份有限公司",
            "lead_person": "谭林",
            "completers": "谭林；司马晴；黎明",
            "intellectual_property": "发明专利:ZL202011020304.5 授权",
            "summary": "本发明公开了一种半潜式平台动力定位方法，在八级海况下定位误差小于 2 米，推进器功耗下降 12%。",
        },
    ),
    Case(
        "docx_letter",
        "docx",
        docx_letter,
        {
            "title": "贝壳基缓释钙肥",
            "lead_person": "方圆",
            "institution": U,
            "summary": "以养殖废弃贝壳为原料，机械力活化后包膜，钙释放周期 90 天，苹果苦痘病发病率下降 60%。",
            "scenario": "年产 1 万吨生产线投资约 800 万元。",
            "price": "120 万元（可面议）",
            "stage": "中期阶段",
        },
    ),
]

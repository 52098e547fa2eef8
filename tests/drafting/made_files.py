"""Documents as they reach an office, of many layouts: what stands in them is in `corpus`."""

from tests.drafting.making import COLLEGE_NAME, UNIVERSITY, pdf, table, word

# --- Patents ---------------------------------------------------------------------------------------------------------
ABSTRACT = (
    "本发明公开了一种用于海水淡化的氧化石墨烯复合膜及其制备方法，属于膜分离技术领域。该方法将氧化石墨烯分散"
    "于水中，超声 30 min，"
    "得到浓度为 0.5 mg/mL 的分散液，再抽滤到聚醚砜基膜上并在 80 ℃ 下交联。所得复合膜在 1 MPa 下的脱盐率达到 99.2%，"
    "水通量为 45 L/(m2·h)，连续运行 500 h 后脱盐率下降不超过 1%。本发明工艺简单，适合规模化生产。"
)


def patent_b() -> bytes:
    """授权公告 of an invention: two columns whose lines alternate in the file."""
    left = [
        "(21)申请号 202210589658.1",
        "(22)申请日 2022.05.26",
        "(65)同一申请的已公布的文献号",
        "申请公布号 CN 114870653 A",
        "(43)申请公布日 2022.08.09",
        f"(73)专利权人 {UNIVERSITY}",
        "地址 116024 某省滨城市高新区凌海路2号",
        "(72)发明人 张海生　李　明　王思远　赵晓东",
        "欧阳文　孙　倩",
        "(74)专利代理机构 滨城海知专利代理有限公司 21200",
        "专利代理师 温某",
    ]
    right = [
        "(51)Int.Cl.",
        "B01D 71/02 (2006.01)",
        "C02F 1/44 (2023.01)",
        "(56)对比文件",
        "CN 108889128 A,2018.11.27",
        "US 2019282966 A1,2019.09.19",
        "审查员 刘某某",
        "",
        "",
        "",
        "权利要求书1页 说明书6页 附图2页",
    ]
    rows = "".join(f"<tr><td style='width:92mm'>{a}<td>{b}" for a, b in zip(left, right, strict=True))
    return pdf(
        "<p>(19)国家知识产权局<h1>(12)发明专利</h1><p style='text-align:right'>(10)授权公告号 CN 114870653 "
        "B<br>(45)授权公告日 2023.06.20</p>"
        f"<table>{rows}</table><p>(54)发明名称<br>　　一种用于海水淡化的氧化石墨烯复合膜及其制备方法<p>(57)"
        f"摘要<p style='text-indent:2em'>{ABSTRACT}"
    )


def patent_a() -> bytes:
    """申请公布 with two applicants, columns as blocks, letter-spaced labels."""
    return pdf(
        "<div style='text-align:center'>(19)<b>中华人民共和国国家知识产权局</b></div><h2>(12)发明专利申请</h2>"
        "<div style='margin-left:100mm'>(10)申请公布号 CN 117903421 A<br>(43)申请公布日 2024.04.19</div>"
        "<div style='display:flex;gap:8mm;margin-top:5mm'><div style='width:84mm'>(21)申请号 202410058812.5"
        "<br>(22)申请日 2024.01.16<br>"
        f"(71)申请人 {UNIVERSITY}<br>地址 116024 某省滨城市凌海路2号<br>申请人 滨城海源装备有限公司<br>(72)"
        f"发明人 周　航 郑伟民 冯　雪<br>"
        "(74)专利代理机构 滨城海知专利代理有限公司</div><div style='width:84mm'>(51)Int.Cl.<br>F16H 57/04 ("
        "2010.01)<br>F16N 7/38 (2006.01)<br>"
        "G01M 13/021 (2019.01)</div></div><p style='text-align:right'>权利要求书2页&nbsp;&nbsp;说明书8页&nb"
        "sp;&nbsp;附图3页</p>"
        "<p>( 5 4 ) 发 明 名 称<br>一种风电齿轮箱的在线润滑监测系统、方法、<br>电子设备及存储介质<p>( 5 7 ) 摘 要"
        "<p>本申请涉及风电装备技术领域，提供一种风电齿轮箱的在线润滑监测系统。系统在回油管路上设置铁磁颗粒"
        "传感器，按采样周期统计颗粒数，"
        "并以滑动窗口判断磨损趋势。与定期取样相比，预警时间提前 200 h 以上。"
    )


def utility_model() -> bytes:
    return pdf(
        "<p>(19)国家知识产权局<h2>(12)实用新型专利</h2><p>(10)授权公告号 CN 219876543 U<p>(45)授权公告日 20"
        "23.10.20<p>(21)申请号 202321234567.X"
        f"<p>(22)申请日 2023.05.22<p>(73)专利权人 {UNIVERSITY}<br>地址 116024 某省滨城市凌海路2号<p>(72)发明"
        f"人 高　峰 何丽娜"
        "<p>(51)Int.Cl. B25J 15/08 (2006.01)<p>(ESM)同样的发明创造已同日申请发明专利<p>(54)实用新型名称<br>"
        "一种贝类柔性夹持末端执行器"
        "<p>(57)摘要<br>本实用新型公开了一种贝类柔性夹持末端执行器，包括安装座、三个气动软指和压力传感器。"
        "软指内壁设有防滑齿，夹持力在 2–15 N 之间可调，破损率低于 0.5%。"
    )


def design() -> bytes:
    return pdf(
        "<p>(19) 国家知识产权局<h2>(12) 外观设计专利</h2><p>(10) 授权公告号 CN 308123456 S<p>(45) 授权公告"
        "日 2023.07.14<p>(21) 申请号 202330123456.0"
        f"<p>(22) 申请日 2023.03.10<p>(73) 专利权人 {UNIVERSITY}<p>地址 116024 某省滨城市凌海路2号<p>(72) 设"
        f"计人 罗　琳<p>(51) LOC(14)Cl. 12-06"
        "<p>(54) 使用外观设计的产品名称<br>水面清洁机器人<p>图片或照片 7 幅 简要说明 1 页"
    )


def old_patent() -> bytes:
    return pdf(
        "<p>[19] 中华人民共和国国家知识产权局<h2>[12] 发明专利说明书</h2><p>专利号 ZL 200510046789.9<p>[45]"
        " 授权公告日 2008 年 4 月 16 日　　[11] 授权公告号 CN 100381234C"
        f"<p>[22] 申请日 2005.7.1<p>[21] 申请号 200510046789.9<p>[73] 专利权人 {UNIVERSITY}<br>地址 116024 "
        f"某省滨城市凌海路2号<p>[72] 发明人 马国强 胡　静"
        "<p>[74] 专利代理机构 滨城海知专利代理有限公司<p>[54] 发明名称<br>一种低温氯化制备高纯氧化镁的方法<"
        "p>[57] 摘要<br>一种低温氯化制备高纯氧化镁的方法，属于无机化工技术领域。"
        "其特征是以菱镁矿为原料，在 450 ℃ 下氯化，再水解、煅烧，产品纯度大于 99.5%。",
    )


def certificate() -> bytes:
    return pdf(
        "<div style='text-align:center'><h1>发明专利证书</h1></div><p>证书号第 6123456 号<p>发明名称：一种"
        "核电主泵转子的装配间隙测量装置"
        "<p>发 明 人：唐　毅；蒋一帆；沈　琳<p>专 利 号：ZL 2021 1 0456789.5<p>专利申请日：2021年04月26日"
        f"<p>专 利 权 人：{UNIVERSITY}<p>地　　址：116024 某省滨城市凌海路2号<p>授权公告日：2022年11月08日　"
        f"　授权公告号：CN 113188456 B"
        "<p>国家知识产权局依照中华人民共和国专利法进行审查，决定授予专利权，颁发发明专利证书并在专利登记簿"
        "上予以登记。专利权自授权公告之日起生效。专利权期限为二十年，自申请日起算。"
    )


# --- Registration forms ----------------------------------------------------------------------------------------------
FORM_SUMMARY = (
    "针对船舶涂料在低温高湿环境下固化慢的问题，研制了一种潜伏型固化剂。该固化剂在 5 ℃ 下 24 小时表干，附着"
    "力达到 8 MPa，"
    "已在两家船厂的 6 条船上应用，漆膜返修率由 12% 降到 3%。"
)


def _form(document) -> None:
    document.add_heading("科技成果登记表（应用技术类成果）", 0)
    table(
        document,
        [
            [
                "成果名称",
                "船舶低温固化环氧涂料用潜伏型固化剂",
                "成果类别",
                "☑应用技术成果 □基础理论成果 □软科学研究成果",
            ],
            ["第一完成单位", UNIVERSITY, "合作完成单位", "滨城船舶重工有限公司；滨城涂料研究所"],
            [
                "成果体现形式",
                "□新技术 □新工艺 □新产品 ☑新材料 □新装备 □其他",
                "成果属性",
                "☑原始性创新 □国外引进消化吸收创新 □国内技术二次开发",
            ],
            ["成果密级", "☑公开 □秘密 □机密", "关键词", "环氧涂料；低温固化；潜伏型固化剂"],
            ["成果所处阶段", "□初期阶段 □中期阶段 ☑成熟应用阶段", "成果水平", "□国际领先 ☑国际先进 □国内领先"],
            ["评价方式", "☑鉴定 □验收 □其他", "评价日期", "2023年5月18日"],
            ["评价单位", "某省石油和化学工业协会", "课题来源", "地方计划"],
            ["学科分类", "涂料工程", "所属高新技术领域", "新材料"],
            ["研究起始日期", "2019年03月", "研究终止日期", "2022年12月"],
            ["知识产权形式", "发明专利:ZL201910345678.6", "转让方式", "技术许可；作价入股"],
        ],
    )
    document.add_paragraph("主要完成人")
    table(
        document,
        [
            ["序号", "姓名", "性别", "出生年月", "技术职称", "工作单位", "身份证号"],
            ["1", "丁　一", "男", "1975-03", "教授", UNIVERSITY, "110101197503071230"],
            ["2", "任晓梅", "女", "1982-11", "副教授", UNIVERSITY, "110101198211120023"],
        ],
    )
    document.add_paragraph("成果简介")
    document.add_paragraph(FORM_SUMMARY)
    document.add_paragraph("联系人：任晓梅　　联系电话：13812345678")


FORM_EXPECTED = {
    "title": "船舶低温固化环氧涂料用潜伏型固化剂",
    "institution": UNIVERSITY,
    "partner_names": "滨城船舶重工有限公司；滨城涂料研究所",
    "completers": f"丁一（{UNIVERSITY}）；任晓梅（{UNIVERSITY}）",
    "category": "应用技术成果",
    "form": "新材料",
    "attribute": "原始性创新",
    "industry": "新材料",
    "discipline": "涂料工程",
    "keywords": "环氧涂料；低温固化；潜伏型固化剂",
    "summary": FORM_SUMMARY,
    "stage": "成熟应用阶段",
    "intellectual_property": "发明专利:ZL201910345678.6",
    "standing": "国际先进",
    "evaluation": "鉴定",
    "evaluated_by": "某省石油和化学工业协会",
    "evaluated_on": "2023-05-18",
    "transfer_ways": "技术许可；作价入股",
}


def form_pdf() -> bytes:
    rows = [
        ("成果名称", "近海养殖网箱抗风浪锚泊系统", "批准登记号", "2102024Y0123"),
        ("完成单位", UNIVERSITY, "联系人", "杜 鹏"),
        ("成果类别", "应用技术成果", "成果阶段", "中期阶段"),
        ("评价方式", "验收", "评价日期", "2024-03-15"),
        ("关键词", "网箱、锚泊、抗风浪", "应用行业", "渔业"),
        ("项目负责人", "杜 鹏", "电子邮箱", "dupeng@example.edu.cn"),
    ]
    body = "".join(f"<tr><td>{a}<td>{b}<td>{c}<td>{d}" for a, b, c, d in rows)
    return pdf(
        f"<h2 style='text-align:center'>科学技术成果登记表</h2><table class=b>{body}</table><p><b>成果简介</"
        f"b><p>面向 20–40 米水深海域，采用浮筒与复合锚链组合的锚泊方案，"
        "在 12 级台风下锚点位移小于 1.5 米。现场试验两年，网箱完好率 98%。<p><b>应用前景</b><p>适用于大型深"
        "远海养殖网箱，也可用于海上光伏浮体。",
        ".b td{border:1px solid;padding:2mm;width:40mm}",
    )


def form_of_lines() -> bytes:
    def build(document) -> None:
        document.add_paragraph("某省科技成果登记信息表")
        for text in (
            "一、成果名称：高能量密度固态电解质薄膜的卷对卷制备技术",
            f"二、完成单位：{UNIVERSITY}（{COLLEGE_NAME}）",
            "三、主要完成人：任远、康乐、毛小宁",
            "四、成果所处阶段：□初期阶段 ☑中期阶段（中试） □成熟应用阶段",
            "五、知识产权：发明专利 ZL202010234567.2（已授权）；发明专利 202310123456.4（实质审查）",
            "六、意向价格：300万元",
            "七、合作方式：技术转让、作价入股",
            "八、成果简介：",
        ):
            document.add_paragraph(text)
        document.add_paragraph(
            "采用狭缝涂布和近红外干燥连续制备厚度 20 微米的固态电解质薄膜，室温离子电导率 1.2 mS/cm。"
        )
        document.add_paragraph("已建成年产 5 万平方米中试线。")
        document.add_paragraph("九、推广意见：同意推广。")

    return word(build)


# --- Posters, brochures, web pages -----------------------------------------------------------------------------------
def poster() -> bytes:
    return pdf(
        f"<div style='font-size:12pt'>{UNIVERSITY} 科技成果推介</div><h1 style='font-size:30pt'>水下焊缝智能"
        f"<br>检测机器人</h1>"
        "<h2>成果简介</h2><p>面向码头钢桩和导管架的水下焊缝检测，机器人搭载涡流阵列与双目相机，自动跟踪焊缝"
        "并给出缺陷的位置和长度。检测速度 0.5 米/分钟，裂纹检出率 95%。"
        "<h2>创新点</h2><p>1. 浑水中双目与声呐融合定位，误差小于 5 mm。<p>2. 涡流阵列自适应提离补偿。"
        "<h2>应用领域</h2><p>港口码头、海上风电、跨海桥梁。<h2>合作方式</h2><p>技术许可、合作开发"
        "<h2>联系方式</h2><p>联系人：曹老师　电话：0411-84701234　手机：139-1234-5678",
        "h2{font-size:15pt;margin:3mm 0 1mm}",
    )


def brochure() -> bytes:
    """Two columns of prose beside each other."""
    left = (
        "<h3>技术简介</h3><p>针对冷链车厢除霜耗能高的问题，提出逆循环与相变蓄热结合的除霜方法，除霜时间缩短"
        " 40%，箱内温度波动不超过 2 ℃，每百公里节电约 6 千瓦时。"
        "<h3>技术指标</h3><p>除霜时间：≤8 min<p>温度波动：≤2 ℃"
    )
    right = (
        "<h3>成熟阶段</h3><p>中试<h3>意向价格</h3><p>80-120万元<h3>知识产权</h3><p>发明专利 ZL202110567890.6<h3"
        ">团队负责人</h3><p>韩 冬<h3>合作方式</h3><p>技术转让"
    )
    return pdf(
        f"<h1 style='font-size:24pt'>冷链车厢相变蓄热除霜技术</h1><p>{UNIVERSITY}<div style='display:flex;ga"
        f"p:10mm'><div style='width:84mm'>{left}</div>"
        f"<div style='width:84mm'>{right}</div></div>",
    )


def web_page() -> bytes:
    return (
        "首页 > 科学研究 > 科技成果 > 详情\n分享到：\n一种耐盐碱海水稻专用微生物菌剂\n发布时间：2024-05-06 "
        "浏览次数：1203\n\n"
        f"成果名称：一种耐盐碱海水稻专用微生物菌剂\n完成单位：{UNIVERSITY}\n负责人：田丰\n所处阶段：小试\n"
        "成果简介：菌剂由三株耐盐芽孢杆菌复配而成，在含盐 0.6% 的滩涂稻田施用，出苗率提高 18%，亩产提高 45 公斤。\n"
        "应用前景：适用于滨海盐碱地改良和水稻种植。\n转让价格：面议\n联系人：田丰 13712345678 tianfeng@exam"
        "ple.edu.cn\n上一篇：无\n下一篇：一种饲料\n版权所有 ©2024\n"
    ).encode()


def web_table() -> bytes:
    """Copied from a page with a table: cells divided by tabs."""
    return (
        "成果库\t登录\t注册\n成果名称\t基于声发射的压力容器在线监测系统\n所属单位\t"
        + UNIVERSITY
        + "\n技术领域\t高端装备\n成果负责人\t薛工\n"
        "技术成熟度\t7级\n专利号\tZL202210111222.5\n简介\t系统以 16 路声发射传感器在线监测压力容器的裂纹扩"
        "展，定位误差小于容器长度的 3%，误报率低于 2%，已在两套装置上运行一年。\n"
        "转化方式\t技术许可\n"
    ).encode()


def word_brochure() -> bytes:
    def build(document) -> None:
        document.add_heading("海参多肽绿色制备技术", 1)
        document.add_paragraph(f"完成单位：{UNIVERSITY}　　负责人：范莉　　所属学院：食品学院")
        document.add_heading("一、成果简介", 2)
        document.add_paragraph(
            "以海参加工下脚料为原料，用双酶分步酶解和膜分离制备小分子多肽，得率 32%，分子量小于 1000 Da 的"
            "占 85%，不使用有机溶剂。"
        )
        document.add_heading("二、技术优势", 2)
        document.add_paragraph("酶解时间由 8 小时缩短到 3 小时，吨水耗下降 40%。")
        document.add_heading("三、经济效益分析", 2)
        document.add_paragraph("按年处理 500 吨下脚料计，新增产值 1200 万元。")
        document.add_heading("四、获奖情况", 2)
        document.add_paragraph("获某省科技进步二等奖。")

    return word(build)

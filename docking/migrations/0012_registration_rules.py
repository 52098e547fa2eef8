from datetime import date

from accounts.roles import grant
from django.db import migrations

FOUR = ["development", "transfer", "consulting", "service"]
FIVE = ["development", "transfer", "licence", "consulting", "service"]
NUMBER = r"\d{14}|\d{16}"
# What is not known for certain is said in the note; the city edits the rows.
RULES = [
    {
        "name": "技术合同认定登记管理办法（2000 年）",
        "authority": "科技主管部门",
        "kinds": FOUR,
        "number_pattern": NUMBER,
        "valid_from": None,
        "valid_to": date(2020, 12, 31),
        "source": "2000 年《技术合同认定登记管理办法》、2001 年《技术合同认定规则》",
        "note": "技术许可归入技术转让。",
    },
    {
        "name": "技术合同认定登记管理办法（2000 年，民法典施行后）",
        "authority": "科技主管部门",
        "kinds": FIVE,
        "number_pattern": NUMBER,
        "valid_from": date(2021, 1, 1),
        "valid_to": date(2026, 1, 22),
        "source": "民法典第三编第二十章：技术转让合同和技术许可合同分列",
        "note": "",
    },
    {
        "name": "技术合同认定登记管理办法（2026 年）",
        "authority": "工业和信息化主管部门",
        "kinds": FIVE,
        "number_pattern": NUMBER,
        "valid_from": date(2026, 1, 23),
        "valid_to": None,
        "source": "工业和信息化部 2026 年 1 月 23 日发布的《技术合同认定登记管理办法》",
        "note": "生效日期按发布日填写；施行日期、编号格式和本市受理机构请以原文为准，核实后在这里修改。",
    },
]


def fill(apps, schema_editor):
    Rule = apps.get_model("docking", "RegistrationRule")
    for row in RULES:
        Rule.objects.get_or_create(name=row["name"], defaults=row)
    grant(
        apps,
        "docking",
        {
            "city_officer": [
                *("view_deal", "view_contract"),
                *("view_registrationrule", "add_registrationrule", "change_registrationrule"),
            ],
            "district_officer": ["view_deal", "view_contract", "view_registrationrule"],
            "auditor": ["view_deal", "view_contract", "view_registrationrule"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("docking", "0011_deal_terms"), ("accounts", "0006_contract_lists")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.city_rows import add_regions
from accounts.models import Region
from audit.origin import origin
from mechanism.city_rows import add_targets, add_tasks
from taxonomy.city_rows import add_industries


class Command(BaseCommand):
    help = "把城市包里还没有的区市县、产业链、任务和目标加进数据库；已有的不变，改名、改目标请在后台。"

    def handle(self, **options) -> None:
        city = settings.CITY
        codes = {region.code for region in city.regions}
        if Region.objects.exists() and not Region.objects.filter(code__in=codes).exists():
            raise CommandError(
                f"数据库里的区市县不属于{city.name}。一个数据库只能用于一个城市，请核对 CITY 和 DATABASE_URL。"
            )
        with transaction.atomic(), origin("命令"):
            added = {
                "区市县": add_regions(apps, city),
                "产业链": add_industries(apps, city),
                "任务": add_tasks(apps, city),
                "目标": add_targets(apps, city),
            }
        texts = [f"{name} {count} 个" for name, count in added.items() if count]
        self.stdout.write(f"{city.name}：" + (f"新增{'、'.join(texts)}。" if texts else "没有新增。"))

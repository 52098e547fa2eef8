"""List personal data in the public texts that are stored, for example from before such texts were refused."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import Model

from core.public_text import PublicText, personal_finds


class Command(BaseCommand):
    help = "列出已存的公开文字里的个人信息（编号、字段、种类；号码不全显示）。有发现时退出码为 1。"

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for model in apps.get_models():
            if issubclass(model, PublicText):
                for row in model._base_manager.iterator(chunk_size=500):
                    for line in _lines(row):
                        self.stdout.write(line)
                        count += 1
        self.stdout.write(f"共 {count} 处。" if count else "没有发现个人信息。")
        if count:
            raise SystemExit(1)


def _lines(row: Model) -> Iterator[str]:
    for name in row.public_text_fields:
        field = row._meta.get_field(name)
        for find in personal_finds(getattr(row, name), row.published_contacts):
            number = f"{find.excerpt[:3]}…" if len(find.excerpt) > 3 else find.excerpt
            key = getattr(row, "public_id", row.pk)
            yield f"{row._meta.verbose_name} {key}：{field.verbose_name}，{find.kind.label} {number}"

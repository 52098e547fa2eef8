from accounts.import_command import ImportCommand
from demands.imports import check_demands
from demands.services.importing import import_demands


class Command(ImportCommand):
    help = "检查技术需求表格；加 --write 才写入。有错误时不写入任何一行，退出码为 1。"
    kind = "demands"
    check_sheet = staticmethod(check_demands)
    write = staticmethod(import_demands)

from accounts.import_command import ImportCommand
from brokers.imports import check_agencies
from brokers.services.importing import import_agencies


class Command(ImportCommand):
    help = "检查服务机构名录表格；加 --write 才写入。有错误时不写入任何一行，退出码为 1。"
    kind = "agencies"
    check_sheet = staticmethod(check_agencies)
    write = staticmethod(import_agencies)

from accounts.import_command import ImportCommand
from brokers.imports import check_brokers
from brokers.services.importing import import_brokers


class Command(ImportCommand):
    help = "检查技术经纪人名录表格；加 --write 才写入。有错误时不写入任何一行，退出码为 1。"
    kind = "brokers"
    check_sheet = staticmethod(check_brokers)
    write = staticmethod(import_brokers)

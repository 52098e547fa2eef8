from accounts.import_command import ImportCommand
from achievements.imports import check_achievements
from achievements.services.importing import import_achievements


class Command(ImportCommand):
    help = "检查一份科技成果征集表；加 --write 才写入。有错误时不写入任何一行，退出码为 1。"
    kind = "achievements"
    check_sheet = staticmethod(check_achievements)
    write = staticmethod(import_achievements)

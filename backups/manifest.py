"""What a backup contains: `manifest.json` beside the dump."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from backups.programs import BackupError

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
STAMP = "last-proven.json"
"""Written beside the backups when one was restored and compared: {"taken_at", "proven_at"} in ISO 8601."""

RECOVERY_STAMP = "last-recovered.json"
"""Written there when the server was recovered to a moment: {"moment", "proven_at"} in ISO 8601."""


@dataclass(frozen=True)
class Manifest:
    """`uploads`: path below MEDIA_ROOT, or in the bucket → SHA-256 of its content, which lies in the folder `files` of
    all backups. `versions`: path → what the bucket calls this content.
    """

    taken_at: str
    release: str
    server_version: int
    dump_sha256: str
    dump_bytes: int
    migrations: dict[str, str]
    row_counts: dict[str, int]
    uploads: dict[str, str]
    versions: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        write_atomically(folder / MANIFEST, json.dumps(asdict(self), ensure_ascii=False, indent=1))


@dataclass(frozen=True)
class Backup:
    """A finished backup: a folder named by its time, in the folder of all backups."""

    folder: Path
    manifest: Manifest

    @property
    def dump(self) -> Path:
        return self.folder / DUMP

    def content(self, sha256: str) -> Path:
        return content_path(self.folder.parent, sha256)

    def check(self) -> None:
        """Compare every file with its checksum. BackupError names the first that differs."""
        if file_hash(self.dump) != self.manifest.dump_sha256:
            raise BackupError(f"{self.dump} 与清单中的校验值不符，备份已损坏。")
        for name, sha256 in self.manifest.uploads.items():
            content = self.content(sha256)
            if not content.is_file():
                raise BackupError(f"备份里缺少上传的文件 {name}（{content}）。")
            if file_hash(content) != sha256:
                raise BackupError(f"上传的文件 {name} 的备份 {content} 与校验值不符，已损坏。")


def all_backups(root: Path) -> list[Backup]:
    """The finished backups in a folder, oldest first."""
    backups = []
    for file in sorted(root.glob(f"*/{MANIFEST}")):
        if file.parent.name.startswith("."):
            continue
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            if values["format"] != FORMAT:
                raise BackupError(f"{file} 的格式是 {values['format']}，这一版平台只认得 {FORMAT}。")
            backups.append(Backup(file.parent, Manifest(**values)))
        except (ValueError, KeyError, TypeError):
            raise BackupError(f"{file} 不是备份的清单，请移走这个目录。") from None
    return backups


def latest_backup(root: Path, name: str = "") -> Backup:
    """The newest backup, or the one of this name."""
    backups = [backup for backup in all_backups(root) if not name or backup.folder.name == name]
    if not backups:
        raise BackupError(f"{root} 里没有{name or '备份'}。先运行 manage.py backup。")
    return backups[-1]


def write_stamp(root: Path, backup: Backup, proven_at: datetime) -> None:
    """Say which backup was restored and compared. /healthz reads it."""
    stamp = {"taken_at": backup.manifest.taken_at, "proven_at": proven_at.isoformat(), "backup": backup.folder.name}
    write_atomically(root / STAMP, json.dumps(stamp))


def write_recovery_stamp(root: Path, moment: str, proven_at: datetime) -> None:
    """Say to which moment the server was recovered. /healthz reads it."""
    write_atomically(root / RECOVERY_STAMP, json.dumps({"moment": moment, "proven_at": proven_at.isoformat()}))


def proven_name(root: Path) -> str:
    try:
        return str(json.loads((root / STAMP).read_text(encoding="utf-8"))["backup"])
    except (OSError, ValueError, KeyError):
        return ""


def content_path(root: Path, sha256: str) -> Path:
    return root / FILES / sha256[:2] / sha256


def file_hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, text: str) -> None:
    incomplete = path.with_name(path.name + ".new")
    incomplete.write_text(text, encoding="utf-8")
    incomplete.replace(path)

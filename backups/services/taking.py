"""Take a backup: the dump of the database first, then the uploads, so that each row of the dump finds its file."""

import contextlib
import fcntl
import os
import shutil
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from backups.manifest import DUMP, FILES, Backup, Manifest, all_backups, content_path, file_hash, proven_name
from backups.programs import BackupError, Server, find_program, run_program, server_version
from backups.row_counts import row_counts
from backups.uploads import Uploads, uploads_of_settings

INCOMPLETE = ".incomplete-"
TIME_FORMAT = "%Y%m%dT%H%M%SZ"


def backup_root(folder: str = "") -> Path:
    """The folder of all backups: the given one or BACKUP_FOLDER. Created for its owner alone."""
    name = folder or settings.BACKUP_FOLDER
    if not name:
        raise BackupError("没有说明备份放在哪里。请设置 BACKUP_FOLDER，或用 --to 指定目录。")
    root = Path(name).resolve()
    media = Path(settings.MEDIA_ROOT).resolve()
    if root == media or media in root.parents:
        raise BackupError(f"备份目录 {root} 在上传目录 {media} 里面，会把自己也备份进去。请换一个目录。")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"不能建立备份目录 {root}：{error.strerror}。") from None
    return root


@contextlib.contextmanager
def only_process(root: Path) -> Iterator[None]:
    """Two backups or rehearsals at once would remove each other's files."""
    try:
        lock = open(root / ".lock", "a")  # noqa: SIM115  closed below
    except OSError as error:
        raise BackupError(f"不能写入备份目录 {root}：{error.strerror}。") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"{root} 里另一个备份或演练正在进行，请稍后再试。") from None
        yield


def take_backup(root: Path, *, keep: int) -> Backup:
    """Write a backup, then remove those beyond the newest `keep` (never the last proven one)."""
    version = server_version()
    pg_dump, pg_restore = find_program("pg_dump", version), find_program("pg_restore", version)
    taken_at = timezone.now()
    folder = root / taken_at.strftime(TIME_FORMAT)
    incomplete = root / f"{INCOMPLETE}{folder.name}"
    if folder.exists():
        raise BackupError(f"{folder} 已经存在。")
    for left in root.glob(f"{INCOMPLETE}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    incomplete.mkdir(mode=0o700)
    try:
        counts = _dump(pg_dump, incomplete / DUMP)
        _check_dump(pg_restore, incomplete / DUMP)
        uploads, versions = _copy_uploads(root, uploads_of_settings())
        manifest = Manifest(
            taken_at=taken_at.isoformat(),
            release=release(),
            server_version=version,
            dump_sha256=file_hash(incomplete / DUMP),
            dump_bytes=(incomplete / DUMP).stat().st_size,
            migrations=_migrations(),
            row_counts=counts,
            uploads=uploads,
            versions=versions,
        )
        manifest.write(incomplete)
        incomplete.rename(folder)
    except OSError as error:
        raise BackupError(f"备份没有写成：{error.strerror}（{error.filename or root}）。") from None
    finally:
        shutil.rmtree(incomplete, ignore_errors=True)
    remove_old(root, keep=keep)
    return Backup(folder, manifest)


def _dump(pg_dump: Path, target: Path) -> dict[str, int]:
    """Dump the database and count its rows, both in one snapshot."""
    server = Server.of_settings()
    with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
        session.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        run_program(
            server,
            pg_dump,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )
        os.chmod(target, 0o600)
        return row_counts(cursor)


def _check_dump(pg_restore: Path, dump: Path) -> None:
    """A dump that wrote nothing, or half, has no readable list of contents."""
    contents = run_program(Server("", "", "", "", ""), pg_restore, "--list", dump)
    if "TABLE DATA public django_migrations" not in contents:
        raise BackupError(f"{dump.name} 里没有平台的数据表，备份没有写成。")


def _copy_uploads(root: Path, uploads: Uploads) -> tuple[dict[str, str], dict[str, str]]:
    """Copy each upload whose content no backup has yet. Returns path → SHA-256, and path → version."""
    known: dict[tuple[str, str], str] = {}
    for backup in all_backups(root):
        known |= {(name, version): backup.manifest.uploads[name] for name, version in backup.manifest.versions.items()}
    hashes: dict[str, str] = {}
    versions: dict[str, str] = {}
    incomplete = root / f"{INCOMPLETE}upload"
    for upload in uploads:
        sha256 = known.get((upload.name, upload.version), "")
        if not sha256 or not content_path(root, sha256).exists():
            try:
                sha256 = _copy_upload(root, uploads, upload.name, incomplete)
            except FileNotFoundError:  # deleted after it was listed
                continue
        hashes[upload.name] = sha256
        if upload.version:
            versions[upload.name] = upload.version
    return hashes, versions


def _copy_upload(root: Path, uploads: Uploads, name: str, incomplete: Path) -> str:
    """SHA-256 of what was copied: a file may change meanwhile."""
    incomplete.unlink(missing_ok=True)
    uploads.fetch(name, incomplete)
    os.chmod(incomplete, 0o600)
    sha256 = file_hash(incomplete)
    target = content_path(root, sha256)
    if target.exists():
        incomplete.unlink()
    else:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        incomplete.replace(target)
    return sha256


def remove_old(root: Path, *, keep: int) -> None:
    """Remove all but the newest `keep` backups and the last proven one, and the files that no backup names any more."""
    backups = all_backups(root)
    proven = proven_name(root)
    for backup in backups[: max(0, len(backups) - keep)]:
        if backup.folder.name != proven:
            shutil.rmtree(backup.folder)
    named = {sha256 for backup in all_backups(root) for sha256 in backup.manifest.uploads.values()}
    for content in (root / FILES).glob("*/*"):
        if content.name not in named:
            content.unlink()


def _migrations() -> dict[str, str]:
    """App → its last applied migration."""
    applied = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
    return dict(applied)


def release() -> str:
    """The version of the product, from pyproject.toml."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def taken_at(backup: Backup) -> datetime:
    return datetime.fromisoformat(backup.manifest.taken_at)

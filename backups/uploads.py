"""Where uploads are: a folder, or a bucket with S3's interface. A backup copies them, a restore puts them back."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from backups.programs import BackupError


@dataclass(frozen=True)
class Upload:
    """A stored file. `version` changes with its content; empty where only reading it tells."""

    name: str
    version: str = ""


@dataclass(frozen=True)
class Folder:
    path: Path

    def __iter__(self) -> Iterator[Upload]:
        for path in sorted(self.path.rglob("*")) if self.path.is_dir() else []:
            if path.is_file() and not path.is_symlink():
                yield Upload(str(path.relative_to(self.path)))

    def fetch(self, name: str, target: Path) -> None:
        shutil.copyfile(self.path / name, target)

    def put(self, name: str, source: Path) -> bool:
        """Whether the file was missing. One that is there stays."""
        target = (self.path / name).resolve()
        if self.path.resolve() not in target.parents:
            raise BackupError(f"清单里的路径 {name} 指到上传目录之外，备份不可信。")
        if target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o600)
        return True


@dataclass(frozen=True)
class Bucket:
    """The objects of `storage` below its location. An object that has not changed is not read again."""

    storage: Any

    @property
    def _prefix(self) -> str:
        return f"{self.storage.location}/" if self.storage.location else ""

    def __iter__(self) -> Iterator[Upload]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield from self._objects()
        except (BotoCoreError, ClientError) as error:
            raise BackupError(f"不能列出存储桶 {self.storage.bucket_name} 里的文件：{error}。") from None

    def _objects(self) -> Iterator[Upload]:
        for item in self.storage.bucket.objects.filter(Prefix=self._prefix):
            if not item.key.endswith("/"):  # a folder that a console has made
                yield Upload(item.key.removeprefix(self._prefix), f"{item.e_tag} {item.size}")

    def fetch(self, name: str, target: Path) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.storage.bucket.download_file(self._prefix + name, str(target))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
                raise FileNotFoundError(name) from None
            raise BackupError(f"不能从存储桶读取 {name}：{error}。") from None
        except BotoCoreError as error:
            raise BackupError(f"不能从存储桶读取 {name}：{error}。") from None

    def put(self, name: str, source: Path) -> bool:
        """Whether the file was missing. One that is there stays."""
        if ".." in Path(name).parts or name.startswith("/"):
            raise BackupError(f"清单里的路径 {name} 指到上传目录之外，备份不可信。")
        if self.storage.exists(name):
            return False
        self.storage.bucket.upload_file(str(source), self._prefix + name)
        return True


type Uploads = Folder | Bucket


def uploads_of_settings() -> Uploads:
    """Of MEDIA_STORAGE, or else of MEDIA_ROOT."""
    if isinstance(default_storage, FileSystemStorage) or not hasattr(default_storage, "bucket"):
        return Folder(Path(settings.MEDIA_ROOT))
    return Bucket(default_storage)

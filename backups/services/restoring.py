"""Restore a backup: the database into an empty one, the uploads into a folder or a bucket."""

import psycopg2
from psycopg2 import sql

from backups.manifest import Backup
from backups.programs import BackupError, Server, find_program, run_program
from backups.uploads import Uploads


def restore_database(backup: Backup, target: Server) -> None:
    """Restore the dump into the database `target`, which must hold no table."""
    pg_restore = find_program("pg_restore", backup.manifest.server_version)
    with_tables = "SELECT EXISTS (SELECT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)"
    session = psycopg2.connect(**target.parameters())
    try:
        with session.cursor() as cursor:
            cursor.execute(with_tables)
            if cursor.fetchone()[0]:
                raise BackupError(f"数据库 {target.database} 不是空的。请恢复到一个新建的空数据库。")
    finally:
        session.close()
    run_program(
        target,
        pg_restore,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--jobs=2",
        f"--dbname={target.database}",
        backup.dump,
    )


def restore_uploads(backup: Backup, uploads: Uploads) -> int:
    """Put the uploads of a backup back. Files that are already there stay. Returns how many were missing."""
    return sum(uploads.put(name, backup.content(sha256)) for name, sha256 in backup.manifest.uploads.items())


class DatabaseBeside:
    """A database of its own on the same server, with the locale of the product's. Dropped at the end."""

    def __init__(self, server: Server, name: str):
        self.server = server.beside(name)
        self._origin = server
        self._admin = server.beside("postgres")

    def __enter__(self) -> Server:
        self._drop()
        try:
            self._execute(self._create_statement())
        except psycopg2.errors.InsufficientPrivilege:
            raise BackupError(
                f"数据库用户 {self.server.user} 不能新建数据库，无法演练。请由数据库管理员运行：ALTER ROLE "
                f'"{self.server.user}" CREATEDB;'
            ) from None
        return self.server

    def __exit__(self, *_: object) -> None:
        self._drop()

    def _create_statement(self) -> sql.Composed:
        question = (
            "SELECT datlocprovider, coalesce(datlocale, ''), datcollate, datctype, pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = %s"
        )
        ((provider, locale, collate, ctype, encoding),) = self._execute(sql.SQL(question), [self._origin.database])
        words = [
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self.server.database)),
            sql.SQL("ENCODING {}").format(sql.Literal(encoding)),
            sql.SQL("LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(collate), sql.Literal(ctype)),
        ]
        if provider == "b":
            words.append(sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE {}").format(sql.Literal(locale)))
        elif provider == "i":
            words.append(sql.SQL("LOCALE_PROVIDER icu ICU_LOCALE {}").format(sql.Literal(locale)))
        else:
            words.append(sql.SQL("LOCALE_PROVIDER libc"))
        return sql.SQL(" ").join(words)

    def _drop(self) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.server.database)))

    def _execute(self, statement: sql.Composable, values: list[str] | None = None) -> list[tuple[str, ...]]:
        session = psycopg2.connect(**self._admin.parameters())
        session.autocommit = True
        try:
            with session.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

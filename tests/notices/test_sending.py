"""Sending under failures: no broker; a server that is down, refuses or stalls; a task run twice; a killed worker."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings as project
from django.core import mail
from django.db import connection, connections
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from notices.models import Delivery, Notice, NoticeKind
from notices.services import make_digests, notify, send_again, send_delivery, sweep_deliveries
from notices.services.notifications import NoticeDraft
from notices.services.sending import MAX_ATTEMPTS
from tests import factories as make

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _mail_at_any_hour(settings):
    settings.NOTICE_MAIL_HOUR = 0


def make_digest() -> Delivery:
    user = make.user(email="reader@example.cn")
    notify([NoticeDraft(user.pk, NoticeKind.ACCEPTED, "“某成果”已采纳。", "/workbench/", "a", "a 1")])
    Notice.objects.update(made_at=timezone.now() - timedelta(minutes=20))
    assert make_digests() == 1
    return Delivery.objects.get()


class MailServer(threading.Thread):
    """Minimal SMTP server. refuse: its response to RCPT TO; stall: it does not respond to DATA until `go_on` is set."""

    def __init__(self, *, refuse: bytes = b"", stall: bool = False):
        super().__init__(daemon=True)
        self.refuse, self.stall = refuse, stall
        self.accepted, self.at_data, self.go_on = [], threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            self.handle(peer, lines)

    @staticmethod
    def has_closed(peer) -> bool:
        peer.setblocking(False)
        try:
            return peer.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            peer.setblocking(True)

    def handle(self, peer, lines):
        peer.sendall(b"220 ready\r\n")
        for line in lines:
            command = line[:4].upper()
            if command == b"DATA":
                peer.sendall(b"354 go on\r\n")
                text = b"".join(iter(lines.readline, b".\r\n"))
                self.at_data.set()
                if self.stall:
                    self.go_on.wait(20)
                    if self.has_closed(peer):
                        return  # RFC 5321 4.1.1.4: incomplete data is discarded
                self.accepted.append(text)
                peer.sendall(b"250 accepted\r\n")
            elif command == b"QUIT":
                peer.sendall(b"221 bye\r\n")
            else:
                peer.sendall((self.refuse if command == b"RCPT" and self.refuse else b"250 ok") + b"\r\n")


@contextmanager
def mail_server(settings, **options):
    server = MailServer(**options)
    server.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    try:
        yield server
    finally:
        server.go_on.set()
        server.listener.shutdown(socket.SHUT_RDWR)  # close() alone does not end the accept() of the thread
        server.listener.close()
        server.join(10)


SEND_TASK = "core.task_queue.current_app.send_task"


def run_at_once(name: str, args: tuple[int]) -> None:
    """Run the task in this process in place of sending it to the broker."""
    assert name == "notices.tasks.send_delivery"
    send_delivery(*args)


def make_due():
    Delivery.objects.update(try_after=timezone.now())


@pytest.mark.django_db
def test_a_first_attempt_waits_for_no_clock_and_a_later_one_does():
    row = make_digest()
    Delivery.objects.update(try_after=timezone.now() + timedelta(hours=1))
    assert list(Delivery.objects.due()) == [row]
    Delivery.objects.update(attempts=1)
    assert not Delivery.objects.due().exists()


@pytest.mark.django_db
def test_the_sweeper_enqueues_again_after_a_broker_failure(django_capture_on_commit_callbacks):
    broken = mock.Mock(side_effect=BrokerError("away"))
    with mock.patch(SEND_TASK, broken), django_capture_on_commit_callbacks(execute=True):
        row = make_digest()
    assert broken.called and mail.outbox == []
    with mock.patch(SEND_TASK, run_at_once):
        assert sweep_deliveries() == 1
    row.refresh_from_db()
    assert (row.status, len(mail.outbox)) == ("sent", 1)
    with mock.patch(SEND_TASK, run_at_once):
        assert sweep_deliveries() == 0


@pytest.mark.django_db
def test_nothing_is_enqueued_before_the_commit():
    with mock.patch(SEND_TASK) as send_task:
        make_digest()  # the transaction of this test is never committed
    assert not send_task.called


@pytest.mark.django_db
def test_an_unreachable_server_is_tried_again_later(settings):
    row = make_digest()
    with mail_server(settings) as server:
        pass
    assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("queued", 1)
    assert "Refused" in row.error and row.try_after > timezone.now() + timedelta(minutes=1)
    assert send_delivery(row.pk) is False  # too early
    assert Delivery.objects.get().attempts == 1
    with mail_server(settings) as server:
        make_due()
        assert send_delivery(row.pk) is True
    assert len(server.accepted) == 1


@pytest.mark.django_db
def test_after_the_last_attempt_staff_can_send_again(settings):
    row = make_digest()
    with mail_server(settings):
        pass
    for _attempt in range(MAX_ATTEMPTS):
        make_due()
        send_delivery(row.pk)
    row.refresh_from_db()
    assert (row.status, sweep_deliveries()) == ("failed", 0)
    with mail_server(settings) as server:
        send_again(row, by=make.city_officer())
        assert send_delivery(row.pk) is True
    assert len(server.accepted) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "status"), [(b"550 no such user", "failed"), (b"450 try later", "queued")])
def test_a_permanent_refusal_of_the_address_is_not_tried_again(settings, answer, status):
    row = make_digest()
    with mail_server(settings, refuse=answer):
        assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert row.status == status


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(settings):
    row = make_digest()
    with mail_server(settings, stall=True) as server:

        def work():
            try:
                send_delivery(row.pk)
            finally:
                connections.close_all()

        first = threading.Thread(target=work)
        first.start()
        assert server.at_data.wait(10)
        assert send_delivery(row.pk) is False  # skipped: the other worker holds the lock
        server.go_on.set()
        first.join(20)
        assert send_delivery(row.pk) is False
    assert len(server.accepted) == 1
    assert Delivery.objects.get().status == "sent"


WORKER = """
import django; django.setup()
from notices.services import send_delivery
send_delivery({row})
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_causes_one_mail(settings):
    row = make_digest()
    here = connection.settings_dict
    url = f"postgresql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT']}/{here['NAME']}"
    with mail_server(settings, stall=True) as server:
        environment = os.environ | {"DATABASE_URL": url, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER.format(row=row.pk)], env=environment, cwd=project.BASE_DIR
        )
        assert server.at_data.wait(120)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        server.go_on.set()
        server.stall = False
        until = time.monotonic() + 60
        while not send_delivery(row.pk) and time.monotonic() < until:
            time.sleep(0.2)  # PostgreSQL releases the lock when it notices the lost connection
    assert len(server.accepted) == 1
    row.refresh_from_db()
    assert row.status == "sent"

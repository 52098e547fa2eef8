"""Mail in trouble: no broker, a server that is away, refuses or hangs, a task delivered twice, a worker killed."""

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
from kombu.exceptions import OperationalError as BrokerLost

from notices.models import Delivery, Kind, Notice
from notices.services import make_digests, notify, send_again, send_delivery, sweep_deliveries
from notices.services.sending import MOST_ATTEMPTS
from notices.services.telling import Line
from tests import factories as make

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _any_hour(settings):
    settings.NOTICE_MAIL_HOUR = 0


def letter() -> Delivery:
    user = make.user(email="reader@example.cn")
    notify([Line(user.pk, Kind.ACCEPTED, "“某成果”已采纳。", "/workbench/", "a", "a 1")])
    Notice.objects.update(made_at=timezone.now() - timedelta(minutes=20))
    assert make_digests() == 1
    return Delivery.objects.get()


class MailServer(threading.Thread):
    """Speaks as much SMTP as Django asks for. `refuse`: the answer to RCPT TO; `stall`: says nothing after DATA until
    told to go on."""

    def __init__(self, *, refuse: bytes = b"", stall: bool = False):
        super().__init__(daemon=True)
        self.refuse, self.stall = refuse, stall
        self.taken, self.at_data, self.go_on = [], threading.Event(), threading.Event()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]

    def run(self):
        while True:
            try:
                peer, _address = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            self.talk(peer, lines)

    @staticmethod
    def is_gone(peer) -> bool:
        peer.setblocking(False)
        try:
            return peer.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            peer.setblocking(True)

    def talk(self, peer, lines):
        peer.sendall(b"220 ready\r\n")
        for line in lines:
            word = line[:4].upper()
            if word == b"DATA":
                peer.sendall(b"354 go on\r\n")
                text = b"".join(iter(lines.readline, b".\r\n"))
                self.at_data.set()
                if self.stall:
                    self.go_on.wait(20)
                    if self.is_gone(peer):
                        return  # RFC 5321 4.1.1.4: without the whole of it nothing is taken
                self.taken.append(text)
                peer.sendall(b"250 taken\r\n")
            elif word == b"QUIT":
                peer.sendall(b"221 bye\r\n")
            else:
                peer.sendall((self.refuse if word == b"RCPT" and self.refuse else b"250 ok") + b"\r\n")


@contextmanager
def mail_server(settings, **manners):
    server = MailServer(**manners)
    server.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    try:
        yield server
    finally:
        server.go_on.set()
        server.door.shutdown(socket.SHUT_RDWR)  # closing alone would not wake whoever waits at it
        server.door.close()
        server.join(10)


def try_now():
    Delivery.objects.update(try_after=timezone.now())


@pytest.mark.django_db
def test_without_a_broker_the_sweeper_sends_it(django_capture_on_commit_callbacks):
    lost = mock.Mock(side_effect=BrokerLost("away"))
    with mock.patch("notices.tasks.send_delivery.delay", lost), django_capture_on_commit_callbacks(execute=True):
        row = letter()
    assert lost.called and mail.outbox == []
    with mock.patch("notices.tasks.send_delivery.delay", send_delivery):
        assert sweep_deliveries() == 1
    row.refresh_from_db()
    assert (row.status, len(mail.outbox)) == ("sent", 1)
    with mock.patch("notices.tasks.send_delivery.delay", send_delivery):
        assert sweep_deliveries() == 0


@pytest.mark.django_db
def test_nothing_leaves_before_the_commit():
    with mock.patch("notices.tasks.send_delivery.delay") as asked:
        letter()  # this test's transaction never commits
    assert not asked.called


@pytest.mark.django_db
def test_a_server_that_is_away_is_tried_again_later(settings):
    row = letter()
    with mail_server(settings) as server:
        pass
    assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("queued", 1)
    assert "Refused" in row.error and row.try_after > timezone.now() + timedelta(minutes=1)
    assert send_delivery(row.pk) is False  # not before its time
    assert Delivery.objects.get().attempts == 1
    with mail_server(settings) as server:
        try_now()
        assert send_delivery(row.pk) is True
    assert len(server.taken) == 1


@pytest.mark.django_db
def test_after_many_attempts_staff_decide(settings):
    row = letter()
    with mail_server(settings):
        pass
    for _attempt in range(MOST_ATTEMPTS):
        try_now()
        send_delivery(row.pk)
    row.refresh_from_db()
    assert (row.status, sweep_deliveries()) == ("failed", 0)
    with mail_server(settings) as server:
        send_again(row, by=make.city_officer())
        assert send_delivery(row.pk) is True
    assert len(server.taken) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "status"), [(b"550 no such user", "failed"), (b"450 try later", "queued")])
def test_an_address_that_does_not_exist_is_not_tried_again(settings, answer, status):
    row = letter()
    with mail_server(settings, refuse=answer):
        assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert row.status == status


@pytest.mark.django_db(transaction=True)
def test_delivered_twice_at_once_one_is_sent(settings):
    row = letter()
    with mail_server(settings, stall=True) as server:

        def work():
            try:
                send_delivery(row.pk)
            finally:
                connections.close_all()

        first = threading.Thread(target=work)
        first.start()
        assert server.at_data.wait(10)
        assert send_delivery(row.pk) is False  # passes by: the other holds it
        server.go_on.set()
        first.join(20)
        assert send_delivery(row.pk) is False
    assert len(server.taken) == 1
    assert Delivery.objects.get().status == "sent"


WORKER = """
import django; django.setup()
from notices.services import send_delivery
send_delivery({row})
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_leaves_one_mail(settings):
    row = letter()
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
            time.sleep(0.2)  # until PostgreSQL has noticed that the worker is gone
    assert len(server.taken) == 1
    row.refresh_from_db()
    assert row.status == "sent"

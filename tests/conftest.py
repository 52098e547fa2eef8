"""What every test shares: real PostgreSQL, no internet, no silent gap.

Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE:

suite     the default: 10 examples of each property, others in each run
thorough  1,000 examples of each property, for changes of what the properties describe
          (HYPOTHESIS_PROFILE=thorough python3 bootstrap.py test tests/sheets)

Tiers, chosen by markers: `-m "not browser and not long"` leaves out every test that opens a browser, every test
that takes half a second of the processor and every module of theirs that takes ten. What starts, kills, upgrades or
restores a whole installation is in `tests/drills`, which `bootstrap.py test` leaves out.

With `--reruns 1` (pytest-rerunfailures) a failed test runs once more. A test that passes only then is listed at the
end as unsteady, with the failure of its first run.
"""

import gc
import itertools
import os
import resource
import socket
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase

from core.cache import SharedCache
from core.roles import GROUP_NAMES
from portal.public_copies.copies import COPIES
from portal.public_copies.parts import PARTS
from tests import answered_routes, factories, form_addresses, html_whitespace, quick_sign_in
from tests.planner_statistics import switch_autovacuum_off, vacuum_grown_tables
from tests.template_variables import FailIfOurs

CI = os.environ.get("CI") == "true"
MISSING = pytest.StashKey[list]()
TEST_NUMBERS = itertools.count()
_peak = 0
"""The most memory that the process had when it last collected."""
SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"


# No deadline: no test asserts a time, and some processor is always busy.
hypothesis.settings.register_profile("suite", deadline=None, max_examples=10)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: opens Chromium; set for every test that uses the fixture `chromium`")
    # Each process of a parallel run has a broker of its own, as it has a database of its own.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    settings.CELERY_BROKER_URL = settings.CELERY_BROKER_URL.rsplit("/", 1)[0] + f"/{number + 8}"
    settings.CACHES["default"]["LOCATION"] = settings.CELERY_BROKER_URL
    # A product that waits a second for Redis counts in its own memory meanwhile, and a test of a throttle would fail.
    settings.CACHES["default"]["OPTIONS"] |= {"socket_connect_timeout": 60, "socket_timeout": 60}
    # Staff of the tests come without a second factor; tests/attacks asks for it.
    settings.MFA_REQUIRED_ROLES = []
    if migrated := os.environ.get("MIGRATED_DATABASE"):  # else the migrations run for each process
        settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = migrated
    # Tests have few rows in a table: what the planner saves by reordering joins costs it more than the query itself.
    # A statement that takes minutes has a wrong plan: it fails, and its error shows it.
    settings.DATABASES["default"]["OPTIONS"]["options"] += " -c join_collapse_limit=1 -c statement_timeout=4min"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # Each test client builds the middleware anew; WhiteNoise would read all static files each time.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = FailIfOurs()
    answered_routes.watch()
    form_addresses.watch()
    html_whitespace.install()
    quick_sign_in.install()


def pytest_itemcollected(item):
    if "chromium" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Modules that take long begin first, whatever the random order, and each process gets its share of them: else one
    process ends alone with them. The scheduler cuts the list into one part of the same length for each process.
    """
    modules = [list(tests) for _path, tests in itertools.groupby(items, key=lambda item: item.path)]
    long = [tests for tests in modules if any(item.get_closest_marker("long") for item in tests)]
    others = iter([item for tests in modules if tests not in long for item in tests])
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    ordered: list[pytest.Item] = []
    for number in range(processes):
        share = [item for tests in long[number::processes] for item in tests]
        length = (len(items) - len(ordered)) // (processes - number)
        ordered += share + list(itertools.islice(others, max(0, length - len(share))))
    items[:] = [*ordered, *others]


def pytest_collection_finish(session):
    """Make the garbage collector run seldom: with Python's own thresholds it takes a tenth of the time of tests that
    render pages. The collected tests stay until the end, so it leaves them out.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    """Collect garbage when the process has grown by a quarter: the thresholds count objects, and the cycles that a few
    large documents leave hold a gigabyte before that many have been made.
    """
    global _peak
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if peak > _peak * 1.25:
        gc.collect()
        _peak = peak


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Who has nothing left takes from the others, down to the last test; modules stay together until then."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_make_parametrize_id(config, val, argname):
    """Files are named by their argument: a workbook made a second later has other bytes (zips hold the time), and the
    processes of a parallel run must collect the same names."""
    return argname if isinstance(val, bytes) else None


def pytest_testnodedown(node, error):
    """A process of a parallel run hands over which addresses it got answers from."""
    answered_routes.ANSWERED.update(getattr(node, "workeroutput", {}).get("answered", ()))


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["answered"] = sorted(answered_routes.ANSWERED)
        return
    chooses = config.option.keyword or config.option.markexpr or config.option.collectonly
    is_whole_suite = config.args_source.name != "ARGS" and not chooses
    if is_whole_suite and (missing := answered_routes.never_answered()):
        config.stash[MISSING] = missing  # also beside failed tests, which would hide it until they pass
        session.exitstatus = exitstatus or 1


def pytest_terminal_summary(terminalreporter, config):
    if unsteady := _passed_only_when_run_again(terminalreporter.stats):
        terminalreporter.section(f"unsteady: {len(unsteady)} passed only when run once more", yellow=True)
        for name, failure in unsteady.items():
            terminalreporter.write_line(f"UNSTEADY {name} - {failure}", yellow=True)
    for report in terminalreporter.stats.get("", ()):  # each passed setup and teardown
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name} after {report.nodeid}: {value}", yellow=True)
    for route in config.stash.get(MISSING, ()):
        terminalreporter.write_line(f"no test got an answer from /{route}", red=True)


def _passed_only_when_run_again(stats: dict) -> dict[str, str]:
    """{test: where and how it failed first} of the tests that `--reruns` ran again and that did not fail then."""
    failed = {report.nodeid for outcome in ("failed", "error") for report in stats.get(outcome, ())}
    unsteady = {}
    for report in stats.get("rerun", ()):
        if report.nodeid not in failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            failure = f"{crash.path}:{crash.lineno}: {crash.message}" if crash else str(report.longrepr)
            unsteady.setdefault(report.nodeid, failure.partition("\n")[0])
    return unsteady


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Under CI=true nothing that should run may skip: a skip is a failure that names its reason."""
    outcome = yield
    report = outcome.get_result()
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped under CI: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
        )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Workbooks of real text that are not part of the project; the test skips where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the workbooks of real text are not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        switch_autovacuum_off()
        factories.keep_seeded_regions()
        with connection.cursor() as cursor:
            _seeded.update(_digests(cursor, SEEDED))


@pytest.fixture(autouse=True, scope="module")
def _no_rolled_back_rows_of_other_modules(django_db_blocker):
    yield
    with django_db_blocker.unblock():
        if connection.connection and not connection.in_atomic_block and connection.is_usable():
            vacuum_grown_tables()


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests():
    """Failed sign-ins and requests are counted in Redis, which a rolled back transaction does not empty. Copies of
    public pages outlive their rows, which are deleted without triggers."""
    yield
    cache.clear()
    COPIES.clear()
    PARTS.clear()


@pytest.fixture(autouse=True)
def _media_elsewhere(settings, tmp_path_factory):
    """A folder of its own for each test, created by the first file: most tests write none."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media" / str(next(TEST_NUMBERS))
    settings.INDEX_FOLDER = tmp_path_factory.getbasetemp() / "indexes"


SEEDED = {
    "accounts_region",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "deals_registrationrule",
    "integrity_signalrule",
    "taxonomy_industry",
}
"""Tables that migrations fill: what every installation has. Each test leaves their rows as they were."""
_seeded: dict[str, str] = {}
"""{table of `SEEDED`: digest of its rows} before the first test of the process."""
EMPTIED = """
DO $$
DECLARE a_table text; is_filled boolean; counter text;
BEGIN
    FOREACH a_table IN ARRAY ARRAY[{names}] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', a_table) INTO is_filled;
        CONTINUE WHEN NOT is_filled;
        EXECUTE format('DELETE FROM %I', a_table);
        FOR counter IN
            SELECT objid::regclass::text FROM pg_depend JOIN pg_class ON pg_class.oid = objid
            WHERE refobjid = a_table::regclass AND relkind = 'S'
        LOOP
            EXECUTE format('ALTER SEQUENCE %s RESTART', counter);
        END LOOP;
    END LOOP;
END $$
"""
"""Only the tables that have rows: to truncate all hundred and more takes longer than most tests do."""


REFILLED = ("mechanism_task", "mechanism_target", "mechanism_obstaclekind")
"""Tables that migrations fill with rows that users change and that name other rows."""
_as_filled: dict[str, str] = {}
"""The digests of `REFILLED` as the migrations fill them."""


def _digests(cursor, tables) -> dict[str, str]:
    """{table: digest of its rows}."""
    names = sorted(tables)
    rows = [f"(SELECT COALESCE(md5(string_agg(kept::text, ' ' ORDER BY id)), '') FROM {name} kept)" for name in names]
    cursor.execute(f"SELECT {', '.join(rows)}")
    return dict(zip(names, cursor.fetchone(), strict=True))


def _empty_what_migrations_did_not_fill(self):
    """After a transactional test: Django's own flush would take the regions, industries and permissions with it, and
    the append-only audit trail would refuse it. AssertionError if the test has changed rows of `SEEDED`, which later
    tests of the process would meet.
    """
    global _as_filled
    tables = set(connection.introspection.table_names()) - SEEDED
    with connection.cursor() as cursor:
        is_as_filled = _digests(cursor, REFILLED) == _as_filled
        if is_as_filled:
            tables -= set(REFILLED)
        cursor.execute("SET session_replication_role = replica")  # the one time the trail may go
        cursor.execute(EMPTIED.format(names=", ".join(f"'{table}'" for table in sorted(tables))))
        cursor.execute("SET session_replication_role = DEFAULT")
        # The first user of this role makes its group: it has no rights that a migration would grant.
        cursor.execute("DELETE FROM auth_group WHERE name = %s", [GROUP_NAMES["bureau_officer"]])
        if not is_as_filled:
            initial = import_module("mechanism.migrations.0001_initial")
            initial.fill_tasks_and_targets(apps, None)
            initial.fill_obstacle_kinds(apps, None)
            _as_filled = _digests(cursor, REFILLED)
        seeded = _digests(cursor, SEEDED)
    changed = [table for table, digest in seeded.items() if digest != _seeded[table]]
    _seeded.update(seeded)  # only the test that changed them fails
    assert not changed, f"rows that migrations fill are changed for later tests: {', '.join(changed)}"


TransactionTestCase._fixture_teardown = _empty_what_migrations_did_not_fill


@pytest.fixture
def signed_in(db):
    """`signed_in(user)` is a browser of that user; what goes wrong is an answer, not an exception."""

    def sign_in(user) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def closed_port():
    """A port of 127.0.0.1 on which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield port
    SharedCache.away_until = 0.0  # Redis is there for the next test

"""Settings. Values that differ between installations come from environment variables; .env.example lists them."""

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from cities import load_city
from dalian_techtransfer.admin_appearance import unfold_settings
from dalian_techtransfer.api_settings import api_settings
from dalian_techtransfer.beat_schedule import CELERY_BEAT_SCHEDULE  # noqa: F401  # read by Celery
from dalian_techtransfer.cache_settings import cache_settings
from dalian_techtransfer.database_settings import database_settings
from dalian_techtransfer.logging_settings import logging_settings, metrics_settings, report_errors
from dalian_techtransfer.queue_settings import queue_settings
from dalian_techtransfer.replica_settings import replica_settings
from dalian_techtransfer.sign_in_forms import ACCOUNT_FORMS, MFA_FORMS  # noqa: F401  # read by allauth
from dalian_techtransfer.site_settings import open_data_settings, site_settings
from dalian_techtransfer.storage_settings import file_storages

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
os.environ.setdefault("OPENPYXL_LXML", "False")  # uploaded sheets are read with defusedxml, even if lxml is installed

CITY = load_city(env.str("CITY", default="") or "dalian")
"""The city of the installation: a folder with its package (docs/city-package.md), or the name of one in cities/."""


def city_default(name: str, default: int) -> int:
    """A period or limit as the city's package says; the environment overrides it."""
    return CITY.settings.get(name, default)


# --- Installation and apps ---------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
DEBUG_TOOLBAR = DEBUG and env.bool("DEBUG_TOOLBAR", default=False) and find_spec("debug_toolbar") is not None
"""`bootstrap.py dev` asks for it; django-debug-toolbar is a development requirement."""
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "dalian_techtransfer.urls"
WSGI_APPLICATION = "dalian_techtransfer.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the default one sets its own site
    "unfold.contrib.filters",
    "dalian_techtransfer.admin_config.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "search",
    "audit",
    "taxonomy",
    "accounts",
    "calendars",
    "backups",
    "members",
    "brokers",
    "mandates",
    "achievements",
    "demands",
    "notices",
    "authentication",
    "matching",
    "enquiries",
    "favourites",
    "subscriptions",
    "notes",
    "rounds",
    "deals",
    "brokerage",
    "portfolio",
    "drafting",
    "integrity",
    "challenges",
    "mechanism",
    "correspondence",
    "annual_reports",
    "privacy",
    "portal",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "portal.middleware.UnavailableMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "portal.public_copies.middleware.PublicCopiesMiddleware",
    "dalian_techtransfer.csp.PolicyMiddleware",
    "accounts.middleware.RenewingSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.csrf.SameOriginCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.IdleNoticeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "audit.middleware.AuditOriginMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.OnlyPostedMiddleware",
    "portal.middleware.DocumentErrorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "authentication.middleware.SecondFactorMiddleware",
    "portal.middleware.IdentityNumberMiddleware",
    "favourites.middleware.KeptFavouritesMiddleware",
    "axes.middleware.AxesMiddleware",
]

if DEBUG_TOOLBAR:
    INSTALLED_APPS += ["debug_toolbar"]
    MIDDLEWARE.insert(  # below GZip, whose output it cannot read
        MIDDLEWARE.index("django.middleware.gzip.GZipMiddleware") + 1, "debug_toolbar.middleware.DebugToolbarMiddleware"
    )
    INTERNAL_IPS = ["127.0.0.1"]
    DEBUG_TOOLBAR_CONFIG = {"SHOW_COLLAPSED": True}

ORGANISATION_NAME_CHECKS = ["demands.services.renaming.check_renamed_firm"]
"""Called with (organisation, by=user) after its name, short name or website has changed."""

ACHIEVEMENT_STOP_LISTENERS = ["matching.services.stopped_achievements.tell_sides"]
"""Called with the primary keys of achievements that were paused or withdrawn, in the same transaction."""
ACHIEVEMENT_RESUME_CHECKS = ["portfolio.services.consents.check_consents"]
"""Called with an achievement before it is reinstated; they raise ValidationError if it must stay as it is."""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CITY.folder / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
        },
    },
]
FORM_RENDERER = "core.form_renderer.FormRenderer"

# --- Database and files ------------------------------------------------------------------------------------------
DATABASES = database_settings(env)
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "media"))()
"""Uploads. Outside the web root: views send them after checking permissions."""
INDEX_FOLDER = env.path("INDEX_FOLDER", default=str(Path(MEDIA_ROOT).parent / "indexes"))()
"""Folder of the matching engine's indexes, which can be built again. Several hosts may share it."""
WORD_TEMPLATES = env.str("WORD_TEMPLATES", default="")
"""Folder with the office's own Word templates, used in place of ours of the same name; empty: none."""
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    **file_storages(env),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dalian_techtransfer.static_storage.StaticStorage"
    },
}
DISK_FREE_MB = env.int("DISK_FREE_MB", default=1024)
"""Health reports the disk of the uploads when less is free."""
BACKUP_FOLDER = env.str("BACKUP_FOLDER", default="")
"""Where backups are written; health reads last-proven.json there. Empty: no backup is configured."""
BACKUP_MAX_HOURS = env.int("BACKUP_MAX_HOURS", default=36)
"""Health reports an older backup."""
BACKUP_KEEP = env.int("BACKUP_KEEP", default=14)
"""How many backups `manage.py backup` leaves in the folder."""
PGBACKREST_STANZA = env.str("PGBACKREST_STANZA", default="")
"""pgBackRest's name of the database's server; health then reads last-recovered.json, too. Empty: not used."""
RECOVERY_MAX_HOURS = env.int("RECOVERY_MAX_HOURS", default=192)
"""Health reports an older rehearsal of the recovery to a moment."""
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
"""Whether a reverse proxy of the installation sets the X-Forwarded headers. Without one, clients can forge them."""

# --- Authentication and sessions ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = reverse_lazy("workbench")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.password_validation.CharacterClassesValidator", "OPTIONS": {"classes": 3}},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # attempts during a lockout do not extend it
AXES_HANDLER = "authentication.attempt_handler.SignInHandler"  # also counts by address and by name
AXES_LOCKOUT_CALLABLE = "authentication.views.public.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "core.client_address.client_address"
AXES_ENABLE_ADMIN = False  # an action on the admin page of the user ends a lockout
AXES_VERBOSE = False
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_COOKIE_AGE = 30 * 60  # idle timeout: every request renews the session
SESSION_ENGINE = "accounts.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AUDIT_RETENTION_DAYS = max(180, env.int("AUDIT_RETENTION_DAYS", default=1095))  # the law requires six months
VIDEO_HOSTS = env.list("VIDEO_HOSTS", default=["bilibili.com", "v.qq.com", "youku.com"])  # links to videos

BID_ENCRYPTION_KEYS = env.list("BID_ENCRYPTION_KEYS", default=[])
"""Long secrets that encrypt bids of 揭榜挂帅; the first encrypts, all decrypt. Empty: from SECRET_KEY."""

# --- Second factor ----------------------------------------------------------------------------------------------
MFA_REQUIRED_ROLES = env.list("MFA_REQUIRED_ROLES", default=["district_officer", "city_officer", "auditor", "sysadmin"])
"""Users with one of these roles see nothing else until they have set up a second factor. Empty: nobody has to."""
MFA_ENCRYPTION_KEYS = env.list("MFA_ENCRYPTION_KEYS", default=[])
"""Long secrets that encrypt stored authenticator keys; the first encrypts, all decrypt. Empty: from SECRET_KEY."""
WEBAUTHN_DOMAIN = env.str("WEBAUTHN_DOMAIN", default="")
"""The domain that passkeys are bound to; empty: the host of SITE_ADDRESS. After a change passkeys no longer work."""
MFA_ADAPTER = "authentication.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # the clock of a telephone may be wrong by half a minute
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
MFA_ALLOW_UNVERIFIED_EMAIL = True  # allauth's own list of addresses is not used
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
ACCOUNT_ADAPTER = "authentication.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_TIMEOUT = 10 * 60  # between password and second factor
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key", "reauthenticate": "20/15m/user"}

# --- Sign-in with an account of the government (OpenID Connect) --------------------------------------------------
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
"""Address of the provider; without issuer and client id the button is not shown and nobody is asked."""
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="政务服务统一身份认证")
OIDC_SCOPE = env.str("OIDC_SCOPE", default="openid profile")
OIDC_CLAIMS = env.json("OIDC_CLAIMS", default={})
"""Which claims mean what: JSON as in authentication/claims.py."""
OIDC_TIMEOUT = 5

# --- Cookies, HTTPS, Content-Security-Policy ---------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not DEBUG)
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.views.public.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|livez|readyz|metrics)$"]
    SECURE_HSTS_SECONDS = 31_536_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "worker-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language, time zone, mail -----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="noreply@localhost")
EMAIL_TIMEOUT = 20  # seconds: an unresponsive mail server must not block a worker

# --- Notifications -----------------------------------------------------------------------------------------------
SITE_ADDRESS = env.str("SITE_ADDRESS", default="http://127.0.0.1:8000").rstrip("/")
"""Scheme and host of links in mails."""
NOTICE_MAIL_HOUR = env.int("NOTICE_MAIL_HOUR", default=city_default("NOTICE_MAIL_HOUR", 8))
"""The hour (Asia/Shanghai) from which the daily digests are sent, one mail per user."""
NOTICE_WEBHOOK_URL = env.str("NOTICE_WEBHOOK_URL", default="")
"""Gateway to 短信 or 企业微信; empty: disabled."""
NOTICE_WEBHOOK_SECRET = env.str("NOTICE_WEBHOOK_SECRET", default="")
NOTICE_WEBHOOK_PHONE = env.bool("NOTICE_WEBHOOK_PHONE", default=False)

SITE = site_settings(env, CITY)
OPEN_DATA = open_data_settings(env)

# --- Queues, cache -----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
WORKER_READY_FOLDER = env.str("WORKER_READY_FOLDER", default="")
"""Where workers and beat create a file when they are ready; empty: nowhere."""
vars().update(queue_settings(TIME_ZONE))
WORKER_NICENESS = env.int("WORKER_NICENESS", default=10)
"""0 to 19: how far the processes of the worker stand back behind those that answer pages."""

# --- Joining an organisation, requests of persons -----------------------------------------------------------------
JOIN_WAIT_DAYS = env.int("JOIN_WAIT_DAYS", default=city_default("JOIN_WAIT_DAYS", 7))
"""Working days that a firm's users have to answer who wants to join, before city staff may decide with a proof."""
SIGN_UPS_PER_ADDRESS = env.int("SIGN_UPS_PER_ADDRESS", default=5)
"""Applications from one address in an hour."""
SIGN_UPS_PER_FIRM = env.int("SIGN_UPS_PER_FIRM", default=10)
"""Applications with one credit code in a day, from all addresses."""

DATA_REQUEST_DAYS = env.int("DATA_REQUEST_DAYS", default=city_default("DATA_REQUEST_DAYS", 15))
"""Working days within which a person's request about their data is answered, as the privacy page promises."""

# --- Confirmations by named parties ------------------------------------------------------------------------------
CONFIRMATION_OVERDUE_AFTER = timedelta(days=14)
CONFIRMATION_LINK_VALID = timedelta(days=30)
CONFIRMATION_REMINDER_EVERY = timedelta(days=7)
REGISTRATION_OVERDUE_AFTER = timedelta(days=90)  # from the signing of a deal
PAYMENT_LETTER_EVERY = timedelta(days=7)  # between two 催付 letters about one instalment

# --- Matching and reminders --------------------------------------------------------------------------------------
MATCH_ENGINE = "p3"
MATCH_THRESHOLD = env.float("MATCH_THRESHOLD", default=-1.0)  # negative: the threshold of the engine
MATCH_PER_DEMAND = env.int("MATCH_PER_DEMAND", default=5)
READER_URL = env.str("READER_URL", default="")
"""Address of a language model with OpenAI's interface. Without address and model nobody is asked."""
READER_MODEL = env.str("READER_MODEL", default="")
READER_KEY = env.str("READER_KEY", default="")
READER_TIMEOUT = env.int("READER_TIMEOUT", default=120)
"""Seconds for one question; at most 240, so that a task ends before CELERY_TASK_TIME_LIMIT."""
READER_CONCURRENCY = env.int("READER_CONCURRENCY", default=4)
"""Questions under way at a time, in the whole installation."""
READER_REQUESTS_PER_RUN = env.int("READER_REQUESTS_PER_RUN", default=2000)
READER_MINUTES_PER_RUN = env.int("READER_MINUTES_PER_RUN", default=120)
READER_MAX_TOKENS = env.int("READER_MAX_TOKENS", default=8192)
"""Longest answer to one question; models that reason count their reasoning too."""
READER_PAGE_REQUESTS_PER_DAY = env.int("READER_PAGE_REQUESTS_PER_DAY", default=500)
"""Questions of the forms (indicators in prose, drafts from documents) within 24 hours, of all users."""
ANSWER_DAYS = env.int("ANSWER_DAYS", default=city_default("ANSWER_DAYS", 10))
"""Days that both sides of an accepted match have to answer whether they are willing."""
ANSWER_REMIND_DAYS = env.int("ANSWER_REMIND_DAYS", default=city_default("ANSWER_REMIND_DAYS", 3))

APPROACH_ANSWER_WORKDAYS = env.int("APPROACH_ANSWER_WORKDAYS", default=city_default("APPROACH_ANSWER_WORKDAYS", 5))
"""Working days within which an enquiry or an answer to a demand (主动对接) is to be answered."""
APPROACH_REMIND_WORKDAYS = env.int("APPROACH_REMIND_WORKDAYS", default=city_default("APPROACH_REMIND_WORKDAYS", 2))
"""The recipient is reminded so many working days before the due date."""
APPROACH_CITY_WORKDAYS = env.int("APPROACH_CITY_WORKDAYS", default=city_default("APPROACH_CITY_WORKDAYS", 3))
"""The district hears of an unanswered approach after the due date, the city so many working days later."""
APPROACHES_OPEN = env.int("APPROACHES_OPEN", default=20)
"""Open approaches that one organisation may have at a time, of each kind."""
APPROACHES_A_DAY = env.int("APPROACHES_A_DAY", default=10)
"""Approaches that one organisation may send within 24 hours, of each kind."""
APPROACHES_OF_ONE_TEXT = env.int("APPROACHES_OF_ONE_TEXT", default=3)
"""How often one organisation may send the same text within 30 days."""

REVIEW_WORKDAYS = city_default("REVIEW_WORKDAYS", 5)
"""Working days of a district for a first review, of the city for a registration."""
EXPLANATION_WORKDAYS = city_default("EXPLANATION_WORKDAYS", 10)
"""Working days of an organisation to explain a suspicious contract."""
ANONYMITY_FIRMS = city_default("ANONYMITY_FIRMS", 5)
"""A text is anonymous if at least so many firms fit it."""
DISCLOSURE_FIRMS = city_default("DISCLOSURE_FIRMS", 5)
"""Fewest firms, and fewest buyers, behind each published sum."""

GUEST_REMIND_DAYS = env.int("GUEST_REMIND_DAYS", default=city_default("GUEST_REMIND_DAYS", 3))
"""Minimum number of days between reminders of an unanswered invitation to a docking round."""
ROUND_OPENING_MINUTES = env.int("ROUND_OPENING_MINUTES", default=120)
"""A docking round can be begun so many minutes before its time."""
CHECK_REMIND_DAYS = env.int("CHECK_REMIND_DAYS", default=city_default("CHECK_REMIND_DAYS", 7))
"""Days after which an unanswered 30/60/90-day check is overdue and the firm gets one reminder."""

# --- API, admin, logging ----------------------------------------------------------------------------------
REST_FRAMEWORK, SPECTACULAR_SETTINGS = api_settings(SITE["name"], proxies=1 if BEHIND_TLS_PROXY else 0)
vars().update(cache_settings(env, redis_url=CELERY_BROKER_URL))

UNFOLD = unfold_settings(SITE["short_name"])

DATABASES, DATABASE_ROUTERS, REPLICA_MAX_LAG = replica_settings(env, DATABASES, MIDDLEWARE)
LOG_FORMAT, LOG_REQUESTS, LOGGING = logging_settings(env)
METRICS_TOKEN, METRICS_ADDRESSES, METRICS_FOLDER = metrics_settings(env, MIDDLEWARE, BASE_DIR)
report_errors(env, BASE_DIR)

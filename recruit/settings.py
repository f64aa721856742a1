"""Every setting, in one file; recruit.schedule says what runs when.

recruit.environment refuses a wrong variable in words.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from recruit import environment
from recruit.schedule import NOT_REHEARSED, QUEUES, SWEEPS

BASE_DIR = Path(__file__).resolve().parent.parent

MODE = environment.mode()
IS_PRODUCTION = MODE == "production"
IS_DEMO = MODE == "demo"

# Whether this process serves a rehearsal (docs/rehearsal.md), and where one is: a schema, a Redis
# and an address of its own. Without REHEARSAL_URL nobody can begin one.
IS_REHEARSAL = environment.switch("RECRUIT_REHEARSAL", "off")
REHEARSAL_URL = environment.rehearsal_address("REHEARSAL_URL", is_needed=IS_REHEARSAL)
if not IS_PRODUCTION:
    REHEARSAL_URL = REHEARSAL_URL or "http://127.0.0.1:8001"
REHEARSAL_SCHEMA = environment.schema("REHEARSAL_SCHEMA", "rehearsal")

DEBUG = False
SECRET_KEY = environment.text(
    "SECRET_KEY", None if IS_PRODUCTION else "only-for-demo-and-tests" * 3
)
if IS_REHEARSAL:
    SECRET_KEY += " of the rehearsal"  # what is signed there opens nothing here
# Apart from SECRET_KEY, so that rotating that one never lets a suppressed address be mailed again.
SUPPRESSION_KEY = environment.text("SUPPRESSION_KEY", None if IS_PRODUCTION else "only-for-demo")

BASE_URL = environment.web_address("BASE_URL", None if IS_PRODUCTION else "http://127.0.0.1:8000")
if IS_REHEARSAL:
    BASE_URL = REHEARSAL_URL
IS_HTTPS = BASE_URL.startswith("https://")
BASE_HOST = BASE_URL.partition("://")[2].partition(":")[0]
ALLOWED_HOSTS = [BASE_HOST] if IS_REHEARSAL else environment.names("ALLOWED_HOSTS", BASE_HOST)
if not IS_PRODUCTION:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "testserver"]

ORGANISATION = environment.text(
    "ORGANISATION", "Run for Something" if IS_PRODUCTION else "Run for Something (demo)"
)
POSTAL_ADDRESS = environment.text(
    "POSTAL_ADDRESS", None if IS_PRODUCTION else "1 Example Street, Example City, EX 00000"
)
STAFF_EMAILS = environment.names("STAFF_EMAILS", "" if IS_PRODUCTION else "staff@example.org")

INSTALLED_APPS = [
    "candidates",
    "partners",
    "candidates.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "recruit.headers.headers_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "recruit.machines.machines_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "recruit.languages.PathLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "partners.views.ended.ended_middleware",
    "partners.views.throttling.ThrottlingMiddleware",
    "partners.views.looks.looks_middleware",
]
if IS_REHEARSAL:
    MIDDLEWARE.insert(3, "recruit.rehearsal.entry.rehearsal_middleware")

ROOT_URLCONF = "recruit.urls"
WSGI_APPLICATION = "recruit.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recruit.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# A rehearsal needs a line to PostgreSQL itself: most poolers drop what says which schema is meant.
DATABASES = {
    "default": environment.database(
        "REHEARSAL_DATABASE_URL"
        if IS_REHEARSAL and environment.text("REHEARSAL_DATABASE_URL", "")
        else "DATABASE_URL"
    )
}
# Set by recruit.wsgi: how long a page may wait for PostgreSQL. 0: as long as it takes.
STATEMENT_SECONDS = environment.whole("STATEMENT_SECONDS", 0)
DATABASES["default"] |= {
    "ENGINE": "recruit.postgresql",
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    # PostgreSQL speaks first where it can: it ends its statement, we would close the connection.
    "SILENCE_SECONDS": STATEMENT_SECONDS and STATEMENT_SECONDS + 2,
}
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 3,
    # Of TCP, for a machine that is gone; a socket on this one ignores them.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    # Prepared statements, bound by the server: measured by bench/. A pooler in front of PostgreSQL
    # must support them (PgBouncer from 1.21 on).
    "server_side_binding": True,
    "prepare_threshold": 5,
}
if STATEMENT_SECONDS:
    DATABASES["default"]["OPTIONS"]["options"] = (
        f"{DATABASES['default']['OPTIONS'].get('options', '')}"
        f" -c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={STATEMENT_SECONDS}s"
    )
if IS_REHEARSAL:
    DATABASES["default"] |= {"ONLY_SCHEMA": REHEARSAL_SCHEMA}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.text("REDIS_URL")
# A purge empties it: a database of the rehearsal's own, on the same server or another.
REHEARSAL_REDIS_URL = environment.text(
    "REHEARSAL_REDIS_URL", "" if IS_PRODUCTION else environment.another_redis(REDIS_URL, 1)
)
if REHEARSAL_URL and REHEARSAL_REDIS_URL in ("", REDIS_URL):
    environment.refuse("REHEARSAL_REDIS_URL", "another database than REDIS_URL: a purge empties it")
if IS_REHEARSAL:
    REDIS_URL = REHEARSAL_REDIS_URL
REDIS_TIMEOUT_SECONDS = 1.0

CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {queue: {} for queue in QUEUES}
CELERY_TASK_ROUTES = {name: {"queue": queue} for queue, names in QUEUES.items() for name in names}
# A sweep that nobody took in time is dropped: the next one does the same work.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": seconds, "options": {"expires": 3 * seconds}}
    for name, seconds in SWEEPS.items()
    if not (IS_REHEARSAL and name in NOT_REHEARSED)
}

DEFAULT_FROM_EMAIL = environment.text(
    "DEFAULT_FROM_EMAIL", None if IS_PRODUCTION else f'"{ORGANISATION}" <hello@example.org>'
)
# Where readers' answers go when a sequence names no other address; empty: to the sender's.
REPLY_TO = environment.text("REPLY_TO", "")
EMAIL_TIMEOUT = 10
# How many connections a worker keeps to the mail server for what may take its time: through one
# that answers in 10 ms, about 21 mails a second.
MAIL_CONNECTIONS = environment.whole("MAIL_CONNECTIONS", 2)
# What our provider and those of our readers take from us, in mails a second; 0: any number.
MAIL_RATE_PER_SECOND = environment.rate("MAIL_RATE_PER_SECOND", "0")
MAIL_DOMAIN_RATES = environment.rates("MAIL_DOMAIN_RATES", "")
if IS_REHEARSAL:
    MAIL_RATE_PER_SECOND = 1.0  # beside the real mail, of which it knows nothing
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rstrip(">").rpartition("@")[2]
# Signs what goes out by SMTP; a provider with an API signs on its own.
DKIM = environment.dkim_signer("DKIM_KEY", "DKIM_SELECTOR", MAIL_DOMAIN)
OUTBOX_DIR = Path(environment.text("OUTBOX_DIR", str(BASE_DIR / ".local" / "outbox")))
if IS_REHEARSAL:
    OUTBOX_DIR /= "rehearsal"
MAIL = environment.mail("EMAIL_URL", None if IS_PRODUCTION else "smtp://127.0.0.1:2525")
globals().update(MAIL)
# By whose API mail leaves, and who may tell us of it; empty: by SMTP.
MAIL_PROVIDER: str = MAIL["MAIL_PROVIDER"]
# Where bounces come back to, by SMTP: the sender on the envelope, and the box to be read.
BOUNCE_ADDRESS = environment.text("BOUNCE_ADDRESS", "")
BOUNCE_MAILBOX = environment.mailbox("BOUNCE_MAILBOX")
if MAIL_PROVIDER and BOUNCE_ADDRESS:
    environment.refuse("BOUNCE_ADDRESS", f"left out: {MAIL_PROVIDER} has a sender of its own")
if IS_DEMO:
    EMAIL_BACKEND = "candidates.outbox.EmailBackend"
if IS_REHEARSAL:
    REHEARSED_EMAIL_BACKEND = globals()["EMAIL_BACKEND"]
    EMAIL_BACKEND = "partners.readers.EmailBackend"

# Whether webhooks may lead to 127.0.0.1, by plain HTTP: for who writes a receiver on this machine.
HOOKS_TO_LOOPBACK = environment.switch("HOOKS_TO_LOOPBACK", "off")
if IS_PRODUCTION and HOOKS_TO_LOOPBACK:
    environment.refuse("HOOKS_TO_LOOPBACK", "off in production: partners choose the addresses")

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["partners.backends.ThrottledBackend"]
LOGIN_URL = "partners:log-in"
LOGIN_REDIRECT_URL = "partners:dashboard"
LOGOUT_REDIRECT_URL = "partners:log-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]

# Whether everybody needs a second step at log-in who works at the desk.
REQUIRE_STAFF_TOTP = environment.switch("REQUIRE_STAFF_TOTP", "on" if IS_PRODUCTION else "off")
OTP_TOTP_ISSUER = ORGANISATION
# partners.throttling counts tries. This one would let who guesses lock the owner out for days.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["recruit.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Production serves what collectstatic gathered; the demo serves the checkout as it is.
STATIC_ROOT = BASE_DIR / ".local" / "static" if IS_PRODUCTION else None
# In the demo a changed style sheet shows at the next reload.
WHITENOISE_AUTOREFRESH = IS_DEMO
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# The number of proxies of ours in front: how far from the right X-Forwarded-For can be believed.
PROXY_HOPS = environment.whole("PROXY_HOPS", 0)
if PROXY_HOPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = ["security.W002"]  # recruit.headers sets X-Frame-Options itself
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Cookies do not know of ports: those of a rehearsal have names of their own.
COOKIE_PREFIX = ("__Host-" if IS_HTTPS else "") + ("rehearsal-" if IS_REHEARSAL else "")
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "partners.views.keeping.csrf_failure"
TOUCH_COOKIE_NAME = f"{COOKIE_PREFIX}touches"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
if IS_REHEARSAL:
    MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Two lines a second from the sweeps would bury what matters.
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}

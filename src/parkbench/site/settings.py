"""Settings: read once from the environment and the node's folder; everything works with none set."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from parkbench.lib.countries import kept_defaults
from parkbench.lib.env import BadSetting, Env
from parkbench.lib.mail import mail_settings

env = Env(os.environ)

HOME = env.path("PARKBENCH_HOME", Path.home() / ".parkbench")
DEBUG = env.boolean("PARKBENCH_DEBUG", False)


def _secret_key() -> str:
    """Read the key from the setting, else from the node's folder; `init` makes that file."""
    kept = HOME / "secret_key"
    from_file = kept.read_text(encoding="utf-8").strip() if kept.is_file() else ""
    # Commands such as `init` and the tests run before a folder exists; `serve` refuses to without a key.
    return env.secret("PARKBENCH_SECRET_KEY", from_file) or "not-for-serving-" + "0" * 40


SECRET_KEY = _secret_key()

ALLOWED_HOSTS = env.words("PARKBENCH_ALLOWED_HOSTS", ["*"])
CSRF_TRUSTED_ORIGINS = env.words("PARKBENCH_TRUSTED_ORIGINS", [])
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("PARKBENCH_BEHIND_PROXY", False) else None
)
IS_HTTPS = env.boolean("PARKBENCH_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = env.text("PARKBENCH_SESSION_COOKIE", "parkbench_session")
# Nodes on one host must share no cookie: signing in at one would void the open forms of the other.
CSRF_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_csrf"
SESSION_COOKIE_AGE = 14 * 86_400
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "parkbench.ui.apps.UiConfig",
    "parkbench.accounts.apps.AccountsConfig",
    "parkbench.records.apps.RecordsConfig",
    "parkbench.programme.apps.ProgrammeConfig",
    "parkbench.catalogue.apps.CatalogueConfig",
    "parkbench.intake.apps.IntakeConfig",
    "parkbench.instruments.apps.InstrumentsConfig",
    "parkbench.search.apps.SearchConfig",
    "parkbench.exchange.apps.ExchangeConfig",
    "parkbench.figures.apps.FiguresConfig",
    "parkbench.servicing.apps.ServicingConfig",
    "parkbench.offer.apps.OfferConfig",
    "parkbench.stewardship.apps.StewardshipConfig",
    "parkbench.overview.apps.OverviewConfig",
    "parkbench.site.apps.SiteConfig",
]

MIDDLEWARE = [
    "parkbench.site.middleware.machines",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "parkbench.site.middleware.viewer",
    "parkbench.site.middleware.refusals",
    "parkbench.site.demo.labels.label_downloads",
]

ROOT_URLCONF = "parkbench.site.urls"
WSGI_APPLICATION = "parkbench.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "parkbench.ui.context.page",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: with NORMAL a power cut may undo a withdrawal that partners were already told of.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA mmap_size=134217728;"
    ),
}


def _database() -> dict[str, object]:
    url = env.secret("PARKBENCH_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "parkbench.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    if not url.startswith(("postgres://", "postgresql://")):
        raise BadSetting("PARKBENCH_DATABASE_URL", None, "postgresql://user:password@host:port/name")
    return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "overview:home"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
USE_TZ = True
_kept = kept_defaults(HOME)
TIME_ZONE = env.text("PARKBENCH_TIME_ZONE", _kept.time_zone)
DEFAULT_CURRENCY = env.text("PARKBENCH_CURRENCY", _kept.currency)

_mail = mail_settings(env.secret("PARKBENCH_MAIL_URL", ""))
HAS_MAIL = _mail.is_set
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.is_starttls, _mail.is_tls
EMAIL_FILE_PATH = _mail.folder
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("PARKBENCH_MAIL_FROM", "parkbench@localhost")

# Partners are asked at https addresses of the open internet alone, unless these say more.
PARTNER_NETWORKS = env.networks("PARKBENCH_PARTNER_NETWORKS")
PARTNER_PORTS = env.ports("PARKBENCH_PARTNER_PORTS", [443, 8443])
PULL_MINUTES = env.integer("PARKBENCH_PULL_MINUTES", 15, minimum=1, maximum=1440)

STATIC_URL = "/static/"
# Pages take their files from the package itself (WHITENOISE_USE_FINDERS): there is nothing to collect.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = HOME / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 26_214_400
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("PARKBENCH_LOG_LEVEL", "WARNING", ["DEBUG", "INFO", "WARNING", "ERROR"]),
    },
}

"""All settings, from the environment, safe by default. docs/operations.md lists every variable."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from qcportal import env

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(env.text("QCPORTAL_HOME", str(BASE_DIR / "var"))).resolve()
MODE = env.text("QCPORTAL_MODE", "demo")
if MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("QCPORTAL_MODE must be demo, test or production")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"
DEBUG = env.boolean("QCPORTAL_DEBUG")
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("QCPORTAL_DEBUG must stay off in production")

# --- Secrets and origins -------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secret("SECRET_KEY_FALLBACKS").split()
if not SECRET_KEY and not PRODUCTION:
    SECRET_KEY = env.kept_secret(HOME / "secret_key")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY (or SECRET_KEY_FILE) must hold at least 50 characters")
# Receipt codes (qcportal.signing): 32 bytes in base64 each, the first signs; without any, derived from SECRET_KEY.
RECEIPT_SIGNING_KEYS = env.secret("RECEIPT_SIGNING_KEYS").replace(",", " ").split()
# Public keys whose private halves were destroyed: what they signed stays genuine.
RECEIPT_PUBLIC_KEYS = env.text("RECEIPT_PUBLIC_KEYS").replace(",", " ").split()
SITE_URL = env.text("SITE_URL", "" if PRODUCTION else f"http://127.0.0.1:{env.integer('PORT', 8000)}")
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL must name the portal's address, such as https://qc.example.org")
if PRODUCTION and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must start with https:// in production")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [urlsplit(SITE_URL).hostname or "127.0.0.1"]
if not PRODUCTION:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "testserver", env.text("HOST", "127.0.0.1")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Applications --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "qcportal.adminsite.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
    "qcportal",
    "applications",
    "reviews",
    "events",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "qcportal.middleware.RequestContextMiddleware",
    "qcportal.site.errors.ChineseErrorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qcportal.middleware.IdleTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "qcportal.middleware.StaffSecondFactorMiddleware",
    # Last: everything before it knows the person who is logged in, everything after it the one who is looked at.
    "qcportal.acting.ActingMiddleware",
    "qcportal.faults.FaultMiddleware",
]
ROOT_URLCONF = "qcportal.urls"
WSGI_APPLICATION = "qcportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qcportal.site.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")
CRISPY_ALLOWED_TEMPLATE_PACKS = "qc"
CRISPY_TEMPLATE_PACK = "qc"

# --- Database ------------------------------------------------------------------------------------
DATABASE_URL = env.secret("DATABASE_URL")


def database(url: str) -> dict[str, object]:
    """PostgreSQL for a postgres:// URL (?host= for a socket folder), else SQLite in QCPORTAL_HOME."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "portal.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, not memory: browser tests and worker processes share it.
            "TEST": {"NAME": HOME / "test.sqlite3"},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", "") or parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: unquote(value) for key, value in options.items()},
    }


DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis, cache, Celery ------------------------------------------------------------------------
# redis://host:port/0 or unix:///path/redis.sock; one address serves the cache and the broker.
REDIS_URL = env.secret("REDIS_URL", f"unix://{HOME}/run/redis.sock")
BROKER_URL = REDIS_URL
if REDIS_URL.startswith("unix://"):
    # kombu names the same socket by another scheme than redis-py.
    BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CACHES = {"default": {"BACKEND": "qcportal.cache.TolerantRedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = BROKER_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
    # Publishing gives up at once when the broker is away; the outbox relay sends later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kB
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "relay-outbox": {"task": "qcportal.tasks.relay", "schedule": 10, "options": {"expires": 10}},
    "heartbeat": {"task": "qcportal.tasks.heartbeat", "schedule": 30, "options": {"expires": 30}},
    "carry-deferred": {"task": "applications.tasks.carry_deferred", "schedule": 300, "options": {"expires": 300}},
    "end-viewings": {"task": "qcportal.tasks.end_viewings", "schedule": 60, "options": {"expires": 60}},
    "close-due-rounds": {"task": "applications.tasks.close_due_rounds", "schedule": 60, "options": {"expires": 60}},
    "remove-expired-imports": {
        "task": "applications.tasks.remove_expired_imports",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "remind-recommenders": {
        "task": "applications.tasks.remind_recommenders",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "send-reminders": {"task": "applications.tasks.send_reminders", "schedule": 300, "options": {"expires": 300}},
    "release-idle-claims": {
        "task": "applications.tasks.release_idle_claims",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "count-warnings": {"task": "applications.tasks.count_warnings", "schedule": 30, "options": {"expires": 30}},
    "sweep-bulk-previews": {
        "task": "applications.tasks.sweep_bulk_previews",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "send-digest": {"task": "applications.tasks.send_digest", "schedule": 300, "options": {"expires": 300}},
    "read-bounces": {"task": "qcportal.tasks.read_bounces", "schedule": 600, "options": {"expires": 600}},
    "sweep-uploads": {"task": "applications.tasks.sweep_uploads", "schedule": 600, "options": {"expires": 600}},
    "remove-expired-exports": {
        "task": "qcportal.exports.tasks.remove_expired",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}
# Tasks of packages that are no Django app of their own.
CELERY_IMPORTS = ["qcportal.exports.tasks"]
# A list with more rows than this is built by a worker; a programme's archive comes in parts of about so many bytes.
EXPORT_AT_ONCE = 1000
EXPORT_PART_BYTES = 1024 * 1024 * 1024

# --- The queue of formal checks ---
# A claimed filing goes back by itself when no check was begun for so long; one that was assigned, later.
CLAIM_MINUTES = env.integer("CLAIM_MINUTES", 120)
CLAIM_ASSIGNED_HOURS = env.integer("CLAIM_ASSIGNED_HOURS", 72)
# How long a bulk action may be undone; its letters wait that long.
BULK_UNDO_MINUTES = env.integer("BULK_UNDO_MINUTES", 10)
# More filings than this are done by the worker, with visible progress.
BULK_AT_ONCE = env.integer("BULK_AT_ONCE", 50)

# --- Accounts ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "qcportal.User"
AUTHENTICATION_BACKENDS = ["qcportal.accounts.LoginBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "qcportal.accounts.CharacterClassValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home_of_user"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "qcportal.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "qcportal.account_forms.LoginForm",
    "reset_password": "qcportal.account_forms.ResetForm",
    "reset_password_from_key": "qcportal.account_forms.ResetKeyForm",
    "change_password": "qcportal.account_forms.ChangePasswordForm",
    "set_password": "qcportal.account_forms.SetPasswordForm",
    "reauthenticate": "qcportal.account_forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}  # the backend takes a mobile number as well
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # by our own 6-digit code, never a condition for filing
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/5m/ip"} if MODE != "test" else False
MFA_ADAPTER = "qcportal.account_forms.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "qcportal.account_forms.SecondFactorForm",
    "reauthenticate": "qcportal.account_forms.SecondFactorAgainForm",
    "activate_totp": "qcportal.account_forms.ActivateTotpForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "青海QC申报平台"
STAFF_SECOND_FACTOR = env.boolean("STAFF_SECOND_FACTOR", PRODUCTION)

# --- Sessions and browser security ---------------------------------------------------------------
SESSION_COOKIE_AGE = 30 * 60
SESSION_ENGINE = "qcportal.sessions"  # prolonged by use, written at most once a minute
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "qcportal.site.errors.csrf_failure"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"  # the check page and the score sheet show PDFs in a frame
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["qcportal.formats"]

# --- Files ---------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test" or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
# Limits on one piece of evidence and on all evidence of one application.
EVIDENCE_MAX_BYTES = env.integer("EVIDENCE_MAX_BYTES", 50 * 1024 * 1024)
EVIDENCE_MAX_PAGES = env.integer("EVIDENCE_MAX_PAGES", 300)
EVIDENCE_MAX_FILES = env.integer("EVIDENCE_MAX_FILES", 40)
EVIDENCE_MAX_TOTAL_BYTES = env.integer("EVIDENCE_MAX_TOTAL_BYTES", 500 * 1024 * 1024)
SCAN_MAX_PAGES = env.integer("SCAN_MAX_PAGES", 200)  # of one upload of stamped pages
EVIDENCE_MAX_PIXELS = env.integer("EVIDENCE_MAX_PIXELS", 60_000_000)

# --- Mail ----------------------------------------------------------------------------------------
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "django.core.mail.backends.dummy.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 465)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", PRODUCTION)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "qc@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_PER_MINUTE = env.integer("MAIL_PER_MINUTE", 20)
MAIL_PER_DAY = env.integer("MAIL_PER_DAY", 500)
# Where returned mail is read from (qcportal.bounces): maildir:/path, mbox:/path, eml:/path or imaps://user@host/folder
BOUNCE_SOURCE = env.text("BOUNCE_SOURCE")
BOUNCE_PASSWORD = env.secret("BOUNCE_PASSWORD")


def channel(name: str) -> dict[str, object]:
    """One further way out: backend '' (off), file or http."""
    backend = env.text(f"{name}_BACKEND", "" if PRODUCTION else "file")
    if backend not in {"", "off", "file", "http"}:
        raise ImproperlyConfigured(f"{name}_BACKEND must be off, file or http")
    return {
        "backend": "" if backend == "off" else backend,
        "url": env.secret(f"{name}_URL"),  # a group robot's address is a secret in itself
        "secret": env.secret(f"{name}_SECRET"),
        "timeout": env.integer(f"{name}_TIMEOUT", 10),
    }


CHANNELS = {"sms": channel("SMS"), "wecom": channel("WECOM")}

# --- Outbox --------------------------------------------------------------------------------------
OUTBOX_LEASE_SECONDS = 120  # a worker that died loses its claim after this
OUTBOX_RESEND_SECONDS = 60  # a message lost in the broker is sent again after this
OUTBOX_MAX_ATTEMPTS = 8  # then a dead letter, for a person to look at

# --- Rules with a default the secretariat may want to change (design, section 6) ------------------
REFUSE_WINNER_OF_FIRST_ROUND = env.boolean("REFUSE_WINNER_OF_FIRST_ROUND", True)
# Similarity in percent (applications.similarity): from the first on a hint, from the second on it must be explained.
SIMILAR_HINT = env.integer("SIMILAR_HINT", 65)
SIMILAR_WARNING = env.integer("SIMILAR_WARNING", 85)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "qcportal.request_context.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        # WeasyPrint and fontTools report every CSS detail at INFO and WARNING.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "PIL": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
# W019 wants X_FRAME_OPTIONS = DENY; the portal shows its own PDFs in frames, from itself only.
SILENCED_SYSTEM_CHECKS = ["security.W019"]

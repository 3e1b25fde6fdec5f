"""Django settings, from the environment with safe defaults. Every variable is listed in docs/reference/settings.md."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from weidai.platform.keys.signing_keys import AcceptedKeys, accepted_keys
from weidai.platform.logs import configure_logs
from weidai.platform.postgres import database_url, home_directory
from weidai.web.shared import settings_part

BASE_DIR = Path(__file__).resolve().parents[3]
HOME = home_directory()
DEMO = os.environ.get("WEIDAI_DEMO", "") == "1"
DEBUG = os.environ.get("WEIDAI_DEBUG", "") == "1"
VOICE = os.environ.get("WEIDAI_VOICE", "") == "1"  # offered only where the group `voice` is installed as well (R1.8)


def _database(url: str) -> dict[str, object]:
    """Turn a PostgreSQL URL (socket directory as host=… query) into Django's form."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = unquote(parts.hostname or "") or query.pop("host", "")
    return {
        "ENGINE": "weidai.platform.database",  # Django's own, with a cheaper look at pooled connections
        "NAME": unquote(parts.path.lstrip("/")) or "weidai",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_HEALTH_CHECKS": os.environ.get("WEIDAI_DB_POOL", "0") == "0",  # pooled ones are looked at by the backend
        "OPTIONS": _database_options(query),
        "TEST": {"NAME": os.environ.get("WEIDAI_TEST_DATABASE", "weidai_test")},
    }


def _database_options(query: dict[str, str]) -> dict[str, object]:
    """One pooled connection per busy thread in the server; plain connections elsewhere.

    A threshold allows `platform.statements` to have its statements prepared; Django's own cursors never are.
    """
    size = int(os.environ.get("WEIDAI_DB_POOL", "0"))
    is_prepared = os.environ.get("WEIDAI_DB_PREPARED", "1") == "1"
    return {**query, "prepare_threshold": 0 if is_prepared else None,
            **({"pool": {"min_size": 1, "max_size": size, "timeout": 10}} if size else {})}


SECRET_KEY, SECRET_KEY_FALLBACKS = accepted_keys()[0], AcceptedKeys()  # of the key file, or of the environment
ALLOWED_HOSTS = [h for h in os.environ.get("WEIDAI_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
PROXY_COUNT = int(os.environ.get("WEIDAI_PROXY_COUNT", "0"))
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("WEIDAI_TRUSTED_ORIGINS", "").split(",") if o]
ROOT_URLCONF = "weidai.web.urls"
WSGI_APPLICATION = "weidai.web.wsgi.application"

ROOMS = [
    "ledger", "audit", "staff", "files", "policy", "vision", "messaging", "risk", "security", "identity", "assessment",
    "products", "limits", "origination", "lending", "servicing", "jobs",
]
INSTALLED_APPS = [
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
    "ninja",
    "procrastinate.contrib.django",
    "weidai.platform",
    *(f"weidai.{room}" for room in ROOMS),
    "weidai.web.shared",
    "weidai.web.h5",
    "weidai.web.console",
    "weidai.wiring.WiringConfig",
]
MIDDLEWARE = settings_part.MIDDLEWARE
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *settings_part.CONTEXT_PROCESSORS,
            ],
        },
    },
]
DATABASES = {"default": _database(database_url(os.environ.get("WEIDAI_DB_ROLE", "app")))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "staff.StaffUser"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "platform_cache"},
}

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("WEIDAI_STATIC_ROOT") or HOME / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(HOME / "files")}},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if os.environ.get("WEIDAI_STATIC_MANIFEST") == "1"
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = os.environ.get("WEIDAI_STATIC_MANIFEST") != "1"

# Log-in, languages and headers stand beside the pages they serve.
globals().update({name: value for name, value in vars(settings_part).items() if name.isupper() and name != "CONTEXT_PROCESSORS"})
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a working day; staff log in again the next morning
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "weidai_staff"
CSRF_COOKIE_NAME = "weidai_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("WEIDAI_HTTPS", "") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = ["weidai.files.uploads.BoundedUploadHandler"]  # nothing sent by people lies in the clear on a disk
FILES_DIR = Path(os.environ.get("WEIDAI_FILES_DIR") or HOME / "files")
FILES_S3 = {  # an S3-compatible store instead of the folder, when its address is set
    "url": os.environ.get("WEIDAI_FILES_S3_URL", ""), "bucket": os.environ.get("WEIDAI_FILES_S3_BUCKET", "weidai"),
    "region": os.environ.get("WEIDAI_FILES_S3_REGION", "us-east-1"),
    "access_key": os.environ.get("WEIDAI_FILES_S3_ACCESS_KEY", ""),
    "secret_key": os.environ.get("WEIDAI_FILES_S3_SECRET_KEY", ""),
}
SILENCED_SYSTEM_CHECKS: list[str] = []

# The sandbox world on the other side of HTTP (R9.4); WEIDAI_SANDBOX_URL empty means real adapters must be configured.
# By default where `weidai run` says it has put this home's world: port 8900 may be another one's.
_WORLD_ADDRESS = HOME / "sandbox" / "address"
SANDBOX_URL = os.environ.get("WEIDAI_SANDBOX_URL", _WORLD_ADDRESS.read_text(encoding="utf-8").strip()
                             if _WORLD_ADDRESS.is_file() else "http://127.0.0.1:8900")
SANDBOX_KEY_DIR = Path(os.environ.get("WEIDAI_SANDBOX_KEY_DIR") or HOME / "sandbox" / "keys")
# The key with which the data partner digests ID numbers in extracts (R2.5); by default the one in the shared key folder.
EXTRACT_KEY_FILE = Path(os.environ.get("WEIDAI_EXTRACT_KEY_FILE") or SANDBOX_KEY_DIR / "extract.key")

LOGGING_CONFIG = None
configure_logs(as_json=os.environ.get("WEIDAI_LOG_FORMAT") == "json", level=os.environ.get("WEIDAI_LOG_LEVEL", "INFO"))

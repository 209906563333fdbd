"""Django's settings for the web door."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.functional import SimpleLazyObject

from minka.doors import settings as surroundings
from minka.doors.web import logs
from minka.doors.web.database import databases

HERE = Path(__file__).parent
_GIVEN = surroundings.current()

DEBUG = _GIVEN.debug
SECRET_KEY: Any = SimpleLazyObject(_GIVEN.secret_key)
ALLOWED_HOSTS = _GIVEN.allowed_hosts
DATABASES: Any = SimpleLazyObject(databases)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "minka.doors.web.urls"
WSGI_APPLICATION = "minka.doors.web.wsgi.application"

PORTALS = tuple(
    name for name in ("citizen", "staff", "kiosk") if find_spec(f"minka.doors.web.{name}")
)
"""The page applications that are present."""

INSTALLED_APPS = [
    *(f"minka.doors.web.{name}" for name in PORTALS),
    "minka.doors.web",
    "minka.store",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "import_export",
    "ninja",
]

MIDDLEWARE = [
    "minka.doors.web.shield.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "minka.doors.web.faults.FaultPageMiddleware",
    "minka.doors.web.sessions.DoorSessionMiddleware",
    "minka.doors.web.choices.ChoiceMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "minka.doors.web.shield.BodyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "minka.doors.web.frame.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "minka.doors.web.forms.PartsRenderer"

LOGGING = logs.configuration()

# Words and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "minka_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _GIVEN.https
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Static files, hashed and compressed
STATIC_URL = "/static/"
STATIC_ROOT = HERE / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Sessions: anonymous visitors keep an encrypted cookie, staff a row (see sessions.py)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "minka_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Our DoorSessionMiddleware gives the session that the admin asks for.
SILENCED_SYSTEM_CHECKS = ["admin.E410"]

# The shield
CSRF_COOKIE_NAME = "minka_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "minka.doors.web.faults.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _GIVEN.https
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _GIVEN.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _GIVEN.https
SECURE_SSL_REDIRECT = False
if _GIVEN.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Staff log-in: a password and a second factor, no self-registration
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/staff/account/login/"
ACCOUNT_ADAPTER = "minka.doors.web.accounts.StaffAdapter"
ACCOUNT_FORMS = {"login": "minka.doors.web.login_form.StaffLoginForm"}
EMAIL_BACKEND = (
    "django.core.mail.backends.dummy.EmailBackend"  # An administrator gives new passwords.
)
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Minka"

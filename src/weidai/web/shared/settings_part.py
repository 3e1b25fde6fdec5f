"""The settings the pages need, as plain values: `weidai.platform.settings` imports them. No Django imports here.

Names that begin with ACCOUNT_, MFA_, LOGIN_, LOGOUT_, AUTHENTICATION_, CSP_ and CSRF_FAILURE become settings as they
stand; MIDDLEWARE is the whole list in its order; CONTEXT_PROCESSORS come after Django's own.
"""

from __future__ import annotations

# WhiteNoise answers static files before anything else costs time.
MIDDLEWARE: list[str] = [
    "weidai.web.shared.middleware.RequestIdMiddleware",
    "weidai.web.shared.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "weidai.web.shared.middleware.PreferencesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "weidai.web.shared.middleware.AskingMiddleware",
    "weidai.web.shared.middleware.RefusalMiddleware",
]

CONTEXT_PROCESSORS: list[str] = ["weidai.web.shared.context.page"]

# Staff log-in (R8.6). allauth's replay guard and rate limits live in the cache: with two workers it must be shared
# (django.core.cache.backends.db.DatabaseCache).
AUTHENTICATION_BACKENDS: list[str] = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "weidai.staff.adapters.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False  # the session ends with the browser
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "weidai.staff.adapters.StaffMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "weidai"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/console/account/login/"

CSRF_FAILURE_VIEW = "weidai.web.shared.errors.csrf_failure"

# Pages load nothing from elsewhere and run nothing inline. `data:` serves the icons inside the style sheets and the QR
# code of the authenticator set-up; `blob:` the preview of a photo just taken.
CSP_HEADER = "; ".join((
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))
# The microphone is for the page that records digits alone (R1.8).
PERMISSIONS_POLICY = "camera=(self), microphone=(), geolocation=(), payment=()"
PERMISSIONS_POLICY_VOICE = PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)")

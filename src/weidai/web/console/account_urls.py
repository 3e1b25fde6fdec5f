"""Staff log-in and second factor: allauth's views with our bilingual templates.

allauth looks these names up itself, so they stand outside the console's namespace. Sign-up, e-mail addresses and
password reset are not mounted: an administrator makes accounts.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

_T = "console/account/"

urlpatterns = [
    path("login/", account.LoginView.as_view(template_name=f"{_T}login.html"), name="account_login"),
    path("logout/", account.LogoutView.as_view(template_name=f"{_T}logout.html"), name="account_logout"),
    path("inactive/", account.AccountInactiveView.as_view(template_name=f"{_T}inactive.html"),
         name="account_inactive"),
    path("reauthenticate/", account.ReauthenticateView.as_view(template_name=f"{_T}reauthenticate.html"),
         name="account_reauthenticate"),
    path("password/", account.PasswordChangeView.as_view(template_name=f"{_T}password.html"),
         name="account_change_password"),
    path("password/set/", account.PasswordSetView.as_view(template_name=f"{_T}password.html"),
         name="account_set_password"),
    path("2fa/", mfa.IndexView.as_view(template_name=f"{_T}second_factor.html"), name="mfa_index"),
    path("2fa/authenticate/", mfa.AuthenticateView.as_view(template_name=f"{_T}authenticate.html"),
         name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.ReauthenticateView.as_view(template_name=f"{_T}reauthenticate.html"),
         name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.ActivateTOTPView.as_view(template_name=f"{_T}totp_activate.html"),
         name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.DeactivateTOTPView.as_view(template_name=f"{_T}totp_deactivate.html"),
         name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.ViewRecoveryCodesView.as_view(template_name=f"{_T}recovery_codes.html"),
         name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/",
         recovery.GenerateRecoveryCodesView.as_view(template_name=f"{_T}recovery_generate.html"),
         name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery.DownloadRecoveryCodesView.as_view(),
         name="mfa_download_recovery_codes"),
    path("2fa/webauthn/", webauthn.ListWebAuthnView.as_view(template_name=f"{_T}webauthn_list.html"),
         name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", webauthn.AddWebAuthnView.as_view(template_name=f"{_T}webauthn_form.html"),
         name="mfa_add_webauthn"),
    path("2fa/webauthn/reauthenticate/",
         webauthn.ReauthenticateWebAuthnView.as_view(template_name=f"{_T}reauthenticate.html"),
         name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/",
         webauthn.RemoveWebAuthnView.as_view(template_name=f"{_T}webauthn_form.html"), name="mfa_remove_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/",
         webauthn.EditWebAuthnView.as_view(template_name=f"{_T}webauthn_form.html"), name="mfa_edit_webauthn"),
]

"""What people may send to sign in and to change their account. Throttles stand here: a form is the first door."""

from __future__ import annotations

from typing import Any, cast

from flask_security import current_user
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    RegisterFormV2,
    SendConfirmationForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.webauthn import (
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninResponseForm,
)
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    PasswordField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts import audit, queries, service, throttle
from app.accounts.domain import MAX_API_KEY_NAME, PROVIDER_KEY, AuditAction, Scope, normalize_email
from app.accounts.models import User
from app.accounts.passwords import complaint
from app.texts import UnusableText, clean_name


class SignInForm(LoginForm):
    def validate(self, **kwargs: Any) -> bool:
        email = normalize_email(self.email.data) if isinstance(self.email.data, str) else ""
        service.count_sign_in(email)
        if super().validate(**kwargs):
            return True
        audit.record(AuditAction.SIGN_IN_FAILED, cast(User | None, self.user), email=audit.email_digest(email))
        return False


class SignUpForm(RegisterFormV2):
    def validate(self, **kwargs: Any) -> bool:
        valid: bool = super().validate(**kwargs)
        # An address already known gives the same answer, so it must cost the same try.
        if valid or self.existing_email_user:
            throttle.take(throttle.SIGN_UP_ADDRESS, throttle.client_network())
        return valid


class ResendConfirmationForm(SendConfirmationForm):
    def validate(self, **kwargs: Any) -> bool:
        email = normalize_email(self.email.data) if isinstance(self.email.data, str) else ""
        # Over the limit looks like an unknown address: the same page, and no mail.
        return service.may_mail(email) and super().validate(**kwargs)


class PasswordAgainForm(VerifyForm):
    def validate(self, **kwargs: Any) -> bool:
        throttle.take(throttle.PASSWORD_AGAIN, str(self.user.id))
        if not super().validate(**kwargs):
            return False
        throttle.forget(throttle.PASSWORD_AGAIN, str(self.user.id))
        return True


class NewPasswordForm(ChangePasswordForm):
    def validate(self, **kwargs: Any) -> bool:
        throttle.take(throttle.PASSWORD_AGAIN, str(current_user.id))
        if not super().validate(**kwargs):
            return False
        throttle.forget(throttle.PASSWORD_AGAIN, str(current_user.id))
        return True


class CodeForm(TwoFactorVerifyCodeForm):
    """A six-digit code has a million values: five tries, then a pause."""

    def validate(self, **kwargs: Any) -> bool:
        subject = str(cast(User, self.user).id)
        throttle.take(throttle.SECOND_FACTOR, subject)
        if isinstance(self.code.data, str):
            self.code.data = self.code.data.replace(" ", "")
        if not super().validate(**kwargs):
            return False
        throttle.forget(throttle.SECOND_FACTOR, subject)
        return True


class RecoveryForm(MfRecoveryForm):
    def validate(self, **kwargs: Any) -> bool:
        subject = str(cast(User, self.user).id)
        throttle.take(throttle.SECOND_FACTOR, subject)
        if not super().validate(**kwargs):
            return False
        throttle.forget(throttle.SECOND_FACTOR, subject)
        return True


class PasskeyForm(WebAuthnRegisterForm):
    def validate(self, **kwargs: Any) -> bool:
        # Ours can always stand alone: they ask for the device's own check of the person.
        self.usage.data = "first"
        return bool(super().validate(**kwargs))


class PasskeyMadeForm(WebAuthnRegisterResponseForm):
    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        # Whatever the browser claims here would be stored as it is, and read back as JSON. We need none of it.
        self.extensions = "{}"
        return True


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    def validate(self, **kwargs: Any) -> bool:
        # The base class notes that an account is switched off, or unconfirmed, and goes on all the same.
        if not super().validate(**kwargs):
            return False
        return not self.credential.errors and cast(User, self.user).is_confirmed


class OwnerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The first account."""

    email = EmailField("E-mail address", validators=[DataRequired("Enter your e-mail address.")])
    password = PasswordField("Password", validators=[DataRequired("Choose a password.")])

    def validate_email(self, field: Field) -> None:
        field.data = _usable_email(field.data)

    def validate_password(self, field: Field) -> None:
        _refuse_weak(field.data, email=self.email.data or "", is_admin=True)


class ForgotPasswordForm(FlaskForm):  # type: ignore[misc]  # as above
    email = EmailField("E-mail address", validators=[DataRequired("Enter your e-mail address.")])

    def validate_email(self, field: Field) -> None:
        field.data = _usable_email(field.data)


class ResetPasswordForm(FlaskForm):  # type: ignore[misc]  # as above
    """user: whose password is set; its address and rank have a say in what will do."""

    password = PasswordField("New password", validators=[DataRequired("Choose a password.")])

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def validate_password(self, field: Field) -> None:
        _refuse_weak(field.data, email=self.user.email, is_admin=self.user.is_admin)


class ChangeEmailForm(FlaskForm):  # type: ignore[misc]  # as above
    email = EmailField("New e-mail address", validators=[DataRequired("Enter the new e-mail address.")])

    def validate_email(self, field: Field) -> None:
        field.data = _usable_email(field.data)
        if field.data == current_user.email:
            raise ValidationError("This is your address already.")


class ApiKeyForm(FlaskForm):  # type: ignore[misc]  # as above
    name = StringField("Name", validators=[DataRequired("Give the key a name, such as the program that uses it.")])
    scopes = SelectMultipleField(
        "May",
        choices=[
            SelectChoice(Scope.READ.value, "read: see workspaces, jobs and pictures"),
            SelectChoice(Scope.WRITE.value, "write: change and delete them"),
            SelectChoice(Scope.GENERATE.value, "generate: make pictures, which may cost money"),
        ],
        default=[scope.value for scope in Scope],
        validators=[DataRequired("Choose what the key may do.")],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def validate_name(self, field: Field) -> None:
        try:
            field.data = clean_name(field.data, MAX_API_KEY_NAME)
        except UnusableText as error:
            raise ValidationError(str(error)) from error
        if not field.data:
            raise ValidationError("Give the key a name, such as the program that uses it.")


class ProviderKeyForm(FlaskForm):  # type: ignore[misc]  # as above
    """A password field: what was typed is never sent back."""

    key = PasswordField("Key", validators=[DataRequired("Paste the key.")])

    def validate_key(self, field: Field) -> None:
        field.data = field.data.strip()
        if not PROVIDER_KEY.fullmatch(field.data):
            raise ValidationError("This is no whole key. Copy it anew from the provider's page and paste all of it.")


class ButtonForm(FlaskForm):  # type: ignore[misc]  # as above
    """A form that is only its button."""


def _usable_email(text: str | None) -> str:
    try:
        return queries.usable_email(text or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _refuse_weak(password: str, *, email: str, is_admin: bool) -> None:
    found = complaint(password, email=email, is_admin=is_admin)
    if found:
        raise ValidationError(found)

"""What we ask of passkeys: kept in the device, opened by its owner's finger, face or code, so that they stand alone."""

from __future__ import annotations

from flask_security import UserMixin, WebauthnUtil
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.texts import UnusableText, clean_name

MAX_NAME_LENGTH = 64


class Passkeys(WebauthnUtil):
    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        # Found without being named first: signing in needs no e-mail address, and tells no stranger who has a passkey.
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """(complaint, None) or (None, name)."""
        try:
            name = clean_name(value, MAX_NAME_LENGTH)
        except UnusableText as error:
            return str(error), None
        return (None, name) if name else ("Give the passkey a name, such as the device that holds it.", None)

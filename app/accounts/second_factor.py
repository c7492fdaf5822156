"""The second step of signing in: codes of an authenticator app, and recovery codes for the day it is lost."""

from __future__ import annotations

import base64
import secrets as randomness
from typing import cast

import qrcode  # type: ignore[import-untyped]  # ships no types
import sqlalchemy as sa
from flask import current_app
from flask_security import MfRecoveryCodesUtil, Totp, UserMixin
from passlib.exc import UsedTokenError
from passlib.totp import TOTP, AppWallet, TotpMatch
from qrcode.image.svg import SvgFillImage  # type: ignore[import-untyped]  # as above

from app.accounts import audit, mail
from app.accounts.domain import AuditAction
from app.accounts.keys import digest
from app.accounts.models import RecoveryCode, User
from app.db import db

RECOVERY_CODES = 10
_CODE_BYTES = 10  # 80 bits: beyond guessing even for who holds the digests
_GROUP = 5
_RENEWED_AT_ONCE = 100


class OneTimeCodes(Totp):
    """Each code fits once: the step it belongs to is kept, and only later ones are taken."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        """secrets: keys that encrypt what people share with their app, each by a tag; the first is the one in use."""
        super().__init__(secrets, issuer)
        self.tag = next(iter(secrets))
        self._totp = TOTP.using(issuer=issuer, wallet=AppWallet(secrets, default_tag=self.tag))

    def encrypted_anew(self, totp_secret: str) -> str:
        """The same secret under the key in use."""
        return str(self._totp.from_source(totp_secret).to_json(encrypt=True))

    def generate_qrcode(self, username: str, totp: str) -> str:
        """A data: address of an SVG, dark on white whatever the theme: scanners want it so."""
        image = qrcode.make(self.get_totp_uri(username, totp), image_factory=SvgFillImage)
        return "data:image/svg+xml;base64," + base64.b64encode(image.to_string()).decode("ascii")

    def get_last_counter(self, user: UserMixin) -> int | None:
        return cast(User, user).tf_last_counter

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        # Of two requests that come with the same code, one changes the row.
        changed = db.session.scalars(
            sa.update(User)
            .where(
                User.id == cast(User, user).id,
                sa.or_(User.tf_last_counter.is_(None), User.tf_last_counter < tmatch.counter),
            )
            .values(tf_last_counter=tmatch.counter)
            .returning(User.id)
        ).first()
        if changed is None:
            raise UsedTokenError


class RecoveryCodes(MfRecoveryCodesUtil):
    """Ten codes, shown once, each good once; the table holds digests."""

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        person = cast(User, user)
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        forget_recovery_codes(person)
        db.session.add_all(RecoveryCode(user_id=person.id, code_hash=digest(_plain(code))) for code in codes)
        audit.record(AuditAction.RECOVERY_CODES_MADE, person)
        mail.queue_template("security_changed", person.email, "New recovery codes", what="New recovery codes were made")
        return codes

    def get_recovery_codes(self, user: UserMixin) -> list[str]:
        """None: nobody can see them again."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Use a code up, if it is one. Of two requests that come with the same code, one gets in."""
        person = cast(User, user)
        used = db.session.scalars(
            sa.delete(RecoveryCode)
            .where(RecoveryCode.user_id == person.id, RecoveryCode.code_hash == digest(_plain(code)))
            .returning(RecoveryCode.id)
        ).first()
        if used is None:
            return False
        audit.record(AuditAction.RECOVERY_CODE_USED, person)
        return True

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Nothing is left to do: checking it used it up."""
        return True


def encrypt_anew() -> None:
    """Bring secrets under the key in use, so that an earlier one can be retired without locking anyone out."""
    codes = cast(OneTimeCodes, current_app.extensions["security"].totp_factory)
    outdated = sa.and_(User.tf_totp_secret.is_not(None), User.tf_totp_secret.not_like(f'%"t":"{codes.tag}"%'))
    for user in db.session.scalars(sa.select(User).where(outdated).limit(_RENEWED_AT_ONCE)):
        user.tf_totp_secret = codes.encrypted_anew(cast(str, user.tf_totp_secret))


def forget_recovery_codes(user: User) -> None:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _new_code() -> str:
    text = randomness.token_hex(_CODE_BYTES)
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    """As people type it: capitals, spaces and missing dashes do not matter."""
    return "".join(character for character in code.lower() if character.isalnum())

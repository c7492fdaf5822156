"""What every answer tells the browser not to do, and where it reports that something tried."""

from __future__ import annotations

import json

import structlog
from flask import Blueprint, Flask, Response, request, session
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from app.config import Settings
from app.extensions import csrf, limiter

log = structlog.get_logger(__name__)
bp = Blueprint("reports", __name__)

# data: is needed by icons inside style sheets. Checkout pages are where forms for paying lead.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self' https://checkout.stripe.com https://billing.stripe.com; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'; report-uri /csp-report"
)
# Nothing here asks for a sensor. Passkeys and the clipboard are not listed: their default, ourselves only, is right.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}
HSTS = "max-age=31536000; includeSubDomains"


def register(app: Flask, settings: Settings) -> None:
    headers = dict(HEADERS)
    if settings.https:
        headers["Strict-Transport-Security"] = HSTS

    def protect(response: Response) -> Response:
        # A view may be stricter, as picture files are.
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if _is_personal() else "no-cache"
        return response

    app.after_request(protect)
    csrf.exempt(bp)
    app.register_blueprint(bp)


def _is_personal() -> bool:
    # Whoever has a session (signed in, or only a form's token) or a key sees what is meant for them alone.
    return bool(session) or "Authorization" in request.headers


@bp.post("/csp-report")
@limiter.limit("30 per minute", key_func=get_remote_address)
def csp_report() -> ResponseReturnValue:
    """Write down what a browser refused to do. Bounded in size (app/web/hygiene.py) and number."""
    try:
        report = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return "", 400
    for found in report[:5] if isinstance(report, list) else [report]:
        body = found.get("csp-report", found.get("body")) if isinstance(found, dict) else None
        if isinstance(body, dict):
            # Only these: a report repeats addresses of pages, which can carry one-time tokens in their query.
            log.warning(
                "csp_report",
                directive=str(body.get("effective-directive") or body.get("effectiveDirective") or "")[:100],
                blocked=_without_query(body.get("blocked-uri") or body.get("blockedURL")),
                page=_without_query(body.get("document-uri") or body.get("documentURL")),
                line=body.get("line-number") or body.get("lineNumber"),
            )
    return "", 204


def _without_query(address: object) -> str:
    return str(address or "").partition("?")[0][:200]

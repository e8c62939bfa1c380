"""Errors as RFC 9457 problem details; what a caller sent is never repeated in them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    detail: str,
    request_id: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a problem response.

    Args:
        status: HTTP status code.
        detail: one sentence that says what to do.
        request_id: what to quote when asking for help.
        errors: `{"field", "message"}` for each field at fault.
        headers: more response headers.
    """
    content: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if errors is not None:
        content["errors"] = errors
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)

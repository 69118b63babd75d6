# SPDX-License-Identifier: Apache-2.0
"""What is sent in place of what was asked for: what was wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

KNOWN_ELSEWHERE = "/v1/"
"""Addresses below it answer in the shape of the service that they are known from (`serve.openai`)."""
KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 503: "server_error"}


def refused(
    path: str,
    status: int,
    error: str,
    *,
    where: str | None = None,
    hint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A refusal as JSON.

    Parameters
    ----------
    path : str
        Address that was asked for; what is below `KNOWN_ELSEWHERE` has a shape of its own.
    status : int
        Of HTTP.
    error : str
        What was wrong.
    where : str, optional
        Field or place.
    hint : str, optional
        What to do.
    headers : mapping of str to str, optional
        Sent with it.

    Returns
    -------
    JSONResponse
        ``{"error", "where", "hint"}``, or ``{"error": {"message", "type", "param", "code"}}``.
    """
    if path.startswith(KNOWN_ELSEWHERE):
        message = f"{error} ({hint})" if hint else error
        kind = KINDS.get(status, "invalid_request_error")
        body: object = {"error": {"message": message, "type": kind, "param": where or None, "code": None}}
    else:
        body = {"error": error, "where": where or "", "hint": hint or ""}
    return JSONResponse(body, status, headers=dict(headers or {}))

"""Who may read what the log says as a whole: reports, follow-ups, the dashboard."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException

from search_api.auth import Caller
from search_api.service import ServiceOf, caller_with


async def _reader(
    service: ServiceOf, caller: Annotated[Caller, Depends(caller_with("feedback"))]
) -> Caller:
    """Return a caller who may see every article: what the log says names all of them.

    Raises:
        HTTPException: 403 for anybody else.
    """
    if not service.suggester().sees_site(caller.audiences):
        raise HTTPException(403, "This names articles that this caller may not see.")
    return caller


Reader = Annotated[Caller, Depends(_reader)]

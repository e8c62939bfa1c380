"""What a service has beside answering: routes over the log, and what it does by itself.

The core knows this list and none of its entries: another part is another line here. A router
may bring what runs beside with it, as its lifespan.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from search_api.dashboard_routes import dashboard_api
from search_api.desk_routes import desk_api
from search_api.log_routes import log_api
from search_api.malfunction_routes import malfunction_api
from search_api.practice_routes import practice_api
from search_api.reports.poster import Poster
from search_api.service import Service
from search_api.upkeep import Upkeep

ROUTERS = (log_api, desk_api, malfunction_api, practice_api, dashboard_api)


@asynccontextmanager
async def running_beside(service: Service) -> AsyncIterator[None]:
    """Run what a service does by itself until it ends."""
    upkeep = Upkeep(service.settings)
    service.metrics.gauge(
        "sop_retention_last_success_timestamp_seconds",
        "When nothing that is too old was left in the log, in Unix seconds; 0 before that.",
    ).set_function(lambda: upkeep.last_success)
    threads = (upkeep, Poster(service.settings))
    for thread in threads:
        thread.start()
    await asyncio.to_thread(service.board.refresh)
    watching = (service.live.watch(), service.board.watch(), service.malfunctions.watch())
    tasks = [asyncio.create_task(one) for one in watching]
    try:
        yield
    finally:
        for thread in threads:
            thread.stop()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        service.notices.close()

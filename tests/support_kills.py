"""A writer of feedback that says what was acknowledged, to be killed at any moment."""

from __future__ import annotations

import logging
import time
from multiprocessing.connection import Connection

from support_events import asked, told

from search_api.events.database import EventStoreError
from search_api.events.log import EventLog


def write_until_killed(url: str, start: int, acknowledged: Connection) -> None:
    """Log questions and feedback without end; send each feedback's number once it is stored."""
    logging.disable()
    log = EventLog(url, 1000)
    log.start()
    number = start
    while True:
        number += 1
        log.record_question(asked(number))
        try:
            log.record_feedback(told(reference=f"T-{number}", comment=f"feedback {number} " * 20))
        except EventStoreError:
            time.sleep(0.01)
            continue
        acknowledged.send(number)

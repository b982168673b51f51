"""A file that one process at a time holds."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import IO

from raytool.records import UserError

log = logging.getLogger(__name__)


def hold(path: Path, refusal: str) -> IO[str]:
    """Hold a file until what is returned is closed or this process ends, however it ends. Where files cannot be locked, that is logged.

    Raises:
        UserError: `refusal`, where another process holds it.
    """
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UserError(refusal) from None
    except OSError as error:
        log.warning("%s cannot be locked (%s): nothing keeps another process from working there, too", path, error.strerror)
    return file

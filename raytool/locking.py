"""A file that one process at a time holds."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import time
from pathlib import Path
from typing import IO

from raytool.records import UserError

log = logging.getLogger(__name__)


def hold(path: Path, refusal: str) -> IO[str]:
    """Hold a file until what is returned is closed or this process ends, however it ends. Where files cannot be locked, that is logged.

    Raises:
        UserError: `refusal`, and who holds it, where another process does. On a file system over the network that may be one whose
            machine is gone.
    """
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        told = f" (it is {holder}; if that machine is gone, remove {path})" if holder else ""
        raise UserError(refusal + told) from None
    except OSError as error:
        log.warning("%s cannot be locked (%s): nothing keeps another process from working there, too", path, error.strerror)
    file.truncate(0)
    file.write(f"process {os.getpid()} of {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
    file.flush()
    return file

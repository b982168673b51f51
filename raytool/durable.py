"""Files that are there whole or not at all, after a loss of power too."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def draft_of(path: Path) -> Path:
    """What stands beside a file while it is written; one that is left is of a process that was ended."""
    return path.with_name(f".{path.name}.draft")


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Write the draft that is yielded; then it takes the file's place."""
    draft = draft_of(path)
    yield draft
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def write(path: Path, text: str, errors: str = "strict") -> None:
    with writing(path) as draft:
        draft.write_text(text, encoding="utf-8", errors=errors)


def sync(path: Path) -> None:
    """Have the disk hold what a file, or a folder's list of names, holds now; not every file system can be asked that of a folder."""
    try:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if not path.is_dir() or error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):
            raise

"""Git, asked read-only: which commit a folder is at, and when each file last changed.

The only module that runs git. A folder outside a repository is no error: it has no
revision and no dates.
"""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

# A repository's own configuration must not start programs of its choosing.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


class Repository:
    """The git repository around a folder.

    Attributes:
        root: the top of the work tree, absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def around(cls, folder: Path) -> Repository | None:
        """Return the repository that `folder` lies in, or None outside one or without git."""
        top = _run(folder, "rev-parse", "--show-toplevel")
        return cls(Path(top.strip())) if top else None

    def revision(self) -> str | None:
        """Return the current commit's full id, with `+` behind it when files differ from it."""
        head = _run(self.root, "rev-parse", "--verify", "--quiet", "HEAD")
        if not head:
            return None
        dirty = _run(self.root, "status", "--porcelain", "--untracked-files=normal")
        return head.strip() + ("+" if dirty else "")

    def last_changed(self, folder: Path) -> dict[str, datetime]:
        """Return when each file below `folder` was last committed, by path below `folder`.

        One pass over the history, newest first, so the cost does not grow with the
        number of files. In a shallow clone the dates are those of the oldest commit kept.
        """
        log = _run(folder, "log", "--format=%x00%cI", "--name-only", "--relative", "--", ".")
        dates: dict[str, datetime] = {}
        for entry in (log or "").split("\0")[1:]:
            stamp, _, names = entry.partition("\n")
            for name in names.split("\n"):
                if name:
                    dates.setdefault(name, datetime.fromisoformat(stamp))
        return dates


def _run(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, or None when git is missing or says no."""
    try:
        done = subprocess.run(
            [*_GIT, "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None

"""Git: which commit a folder is at, what changed when, what was there before; a new branch.

The only module that runs git. A folder outside a repository is no error: it has no
revision and no dates. Work tree, index and current branch are only ever read; all that is
written is a commit beside them, under a branch that was not there before.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from indexer.errors import SopError

# A repository's own configuration must not start programs of its choosing, nor change
# what is read here.
_GIT = (
    "git",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "log.showSignature=false"),
)
# The same, for what is written: no hook runs, and a person's name is not guessed.
_WRITING = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.splitIndex=false"),
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "user.useConfigOnly=true"),
)
_PLAIN_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")

_PLAIN_FILE = "100644"


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that a commit added to a file or took out of it.

    Attributes:
        commit: the commit's full id.
        path: the file below the repository's root.
        line: its number, counted from 1.
        is_added: whether it was added.
        text: without the line end.
    """

    commit: str
    path: str
    line: int
    is_added: bool
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a commit added, changed or removed.

    Attributes:
        at: when it was committed.
        letter: `A`, `M` or `D`, as git says it.
        path: the file below the folder that was asked about.
        subject: the commit's first line.
    """

    at: datetime
    letter: str
    path: str
    subject: str


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

    def changes_between(self, folder: Path, since: datetime, until: datetime) -> list[FileChange]:
        """Return what was committed below `folder` from a time on and before another.

        The oldest first. A file that moved was removed there and added here. What a merge
        brought counts when it was committed, not when it was merged.
        """
        log = _run(
            folder,
            "log",
            "--no-renames",
            f"--since-as-filter={since.isoformat()}",
            "--format=%x00%cI%n%s",
            "--name-status",
            "--relative",
            "--",
            ".",
        )
        found = []
        for entry in (log or "").split("\0")[1:]:
            stamp, subject, *lines = entry.split("\n")
            at = datetime.fromisoformat(stamp)
            if since <= at < until:
                pairs = (line.split("\t", 1) for line in lines if "\t" in line)
                found += [FileChange(at, letter[0], path, subject) for letter, path in pairs]
        return sorted(found, key=lambda one: (one.at, one.path))

    def is_shallow(self) -> bool:
        """Tell whether older commits are missing from this clone."""
        return (_run(self.root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"

    def commit(self, name: str) -> str | None:
        """Return the full id of the commit that a name stands for, if there is one."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return (_run(self.root, *asked) or "").strip() or None

    def merge_base(self, commit: str, head: str = "HEAD") -> str | None:
        """Return the newest commit that two commits share, if they do."""
        return (_run(self.root, "merge-base", head, commit) or "").strip() or None

    def named(self, name: str) -> str:
        """Return the full id of a commit that somebody named.

        Raises:
            SopError: there is none of that name; it says how to fetch it.
        """
        found = None if name.startswith("-") else self.commit(name)
        if found is None:
            remote, _, branch = name.partition("/")
            fetch = f"git fetch {remote} {branch}" if branch else f"git fetch origin {name}"
            near = get_close_matches(name, self._branches(), n=1)
            meant = f"did you mean {near[0]}? If not, " if near else ""
            raise SopError(f"{name} is no commit in this clone; {meant}fetch it with: {fetch}")
        return found

    def _branches(self) -> list[str]:
        """Return the names of the branches that this clone knows, its remotes' among them."""
        asked = ("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes")
        return (_run(self.root, *asked) or "").split()

    def left_at(self, base: str, head: str | None = None) -> str:
        """Return the commit at which a branch left its base.

        Args:
            base: as somebody named it.
            head: the same; None for the current commit.

        Raises:
            SopError: there is no such commit here, or none that both have.
        """
        tip = self.named(base)
        since = self.merge_base(tip, "HEAD" if head is None else self.named(head))
        if since is None and self.is_shallow():
            raise SopError(
                f"this clone is shallow and does not reach the commit where it left {base}; "
                "fetch the rest with: git fetch --unshallow (in a CI job: fetch-depth: 0)"
            )
        if since is None:
            other = head or "the current commit"
            raise SopError(f"{base} and {other} have nothing in common; name another base")
        return since

    def branched_from(self, commit: str) -> str | None:
        """Return the commit at which the current branch left another one's history.

        That is older than the merge base where the other one was merged into it since.
        """
        own = _run(self.root, "rev-list", "--first-parent", f"{commit}..HEAD")
        oldest = (own or "").split()[-1:]
        return self.commit(f"{oldest[0]}^") if oldest else self.commit("HEAD")

    def changed(self, folder: str, since: str, until: str | None = None) -> list[str]:
        """Return the files that differ between two commits, by path below the root.

        Args:
            folder: below the root; `.` for all.
            since: a commit.
            until: a commit; None for the files as they are now, new ones included.
        """
        commits = [since] if until is None else [since, until]
        diff = ("diff", *_PLAIN_DIFF, "--name-only", "--no-renames", "-z")
        names = _run(self.root, *diff, *commits, "--", folder) or ""
        if until is None:
            others = ("ls-files", "--others", "--exclude-standard", "-z")
            names += _run(self.root, *others, "--", folder) or ""
        return [name for name in names.split("\0") if name]

    def files_at(self, commit: str, paths: Iterable[str]) -> dict[str, bytes]:
        """Return what files held at a commit, by path; those that were not there are missing."""
        wanted = [path for path in paths if "\n" not in path]
        given = "".join(f"{commit}:{path}\n" for path in wanted).encode()
        answer = _run_raw(self.root, given, "cat-file", "--batch") or b""
        found: dict[str, bytes] = {}
        start = 0
        for path in wanted:
            end = answer.find(b"\n", start)
            header = answer[start:end].split(b" ")
            start = end + 1
            if len(header) == 3 and header[2].isdigit():
                size = int(header[2])
                if header[1] == b"blob":
                    found[path] = answer[start : start + size]
                start += size + 1
        return found

    def files_below(self, commit: str, folder: str) -> list[str]:
        """Return the plain files below a folder at a commit, by path below the root.

        Links and submodules are left out.

        Args:
            commit: a commit.
            folder: below the root; `.` for all.
        """
        listed = _run(self.root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", folder) or ""
        found = []
        for entry in listed.split("\0")[:-1]:
            mode, _, rest = entry.partition(" ")
            if mode.startswith("100"):
                found.append(rest.partition("\t")[2])
        return found

    def refuse_branch(self, name: str) -> None:
        """Raise where a branch cannot be made, before anything is written.

        Raises:
            SopError: the name is none or is taken, there is no commit to start from, or git
                knows nobody who could be the author.
        """
        if _run(self.root, "check-ref-format", f"refs/heads/{name}") is None or name[:1] == "-":
            raise SopError(f"{name} is no name for a branch; name another one with --branch")
        parts = name.split("/")
        taken = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        # Git keeps a branch as a file, so none can be a folder of others.
        below = _run(self.root, "for-each-ref", "--format=%(refname:short)", f"refs/heads/{name}/")
        for branch in [*taken, *(below or "").split()]:
            if branch in taken and not self._has_branch(branch):
                continue
            beside = "" if branch == name else f", and git keeps no {name} beside it"
            raise SopError(
                f"the branch {branch} exists already{beside}; name another one with --branch"
            )
        if self.commit("HEAD") is None:
            raise SopError(f"{self.root} has no commit yet; commit the articles first")
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if _run(self.root, *_WRITING, "var", who) is None:
                raise SopError(
                    "git does not know who commits; tell it with: "
                    "git config user.name NAME and git config user.email ADDRESS"
                )

    def write_branch(self, name: str, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Make a branch of one commit in which some files differ; return the commit's full id.

        Args:
            name: of the branch; see `refuse_branch`.
            parent: the full id of the commit that it starts from.
            files: new contents of files, also of new ones, by path below the root.
            message: of the commit.

        Raises:
            SopError: git refused, with its own reason; then there is no new branch.
        """
        modes = self._modes(parent, files)
        with tempfile.TemporaryDirectory(prefix="sop-index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            self._write(index, None, "read-tree", parent)
            entries = []
            for path, raw in files.items():
                blob = self._write(index, raw, "hash-object", "-w", "--stdin")
                entries.append(f"{modes.get(path, _PLAIN_FILE)} {blob}\t{path}\0".encode())
            self._write(index, b"".join(entries), "update-index", "-z", "--index-info")
            tree = self._write(index, None, "write-tree")
        commit_tree = ("commit-tree", "--no-gpg-sign", "-p", parent, "-F", "-", tree)
        commit = self._write({}, message.encode(), *commit_tree)
        # An empty old value demands that there is no such branch at this very moment.
        self._write({}, None, "update-ref", f"refs/heads/{name}", commit, "")
        return commit

    def _has_branch(self, name: str) -> bool:
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{name}")
        return _run(self.root, *asked) is not None

    def _modes(self, commit: str, paths: Iterable[str]) -> dict[str, str]:
        """Return the modes of files at a commit, by path; those that are not there are missing."""
        tree = _run(self.root, "ls-tree", "-z", "--full-tree", commit, "--", *paths) or ""
        entries = (entry.partition("\t") for entry in tree.split("\0")[:-1])
        return {path: about.partition(" ")[0] for about, _, path in entries}

    def _write(self, environment: Mapping[str, str], given: bytes | None, *arguments: str) -> str:
        """Run a git command that writes; return the line that it prints.

        Raises:
            SopError: git refused.
        """
        done = subprocess.run(
            [*_GIT, *_WRITING, "-C", str(self.root), *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=os.environ | environment,
        )
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip().split("\n")[-1]
            raise SopError(f"git {arguments[0]} refused, and no branch was made: {reason}")
        return done.stdout.decode().strip()

    def line_changes(self, folder: str, revision: str, pattern: str) -> Iterator[LineChange]:
        """Yield the lines like a pattern that commits added or took out, the oldest commit first.

        A file that was only moved changes no line. Merges are passed over: what they bring
        was changed by the commits behind them.
        """
        order = ("--reverse", "--date-order", "--format=%x00%H")
        asked = ("log", *order, "--patch", "--unified=0", "--find-renames", f"-G{pattern}")
        log = _run(self.root, *asked, *_PLAIN_DIFF, revision, "--", folder)
        for entry in (log or "").split("\0")[1:]:
            commit, _, patch = entry.partition("\n")
            for change in _line_changes(commit, patch):
                if re.search(pattern, change.text):
                    yield change


def _line_changes(commit: str, patch: str) -> Iterator[LineChange]:
    """Yield the changed lines of a patch without context."""
    old = new = ""
    old_line = new_line = old_left = new_left = 0
    for text in patch.split("\n"):
        if old_left and text.startswith("-"):
            yield LineChange(commit, old, old_line, is_added=False, text=text[1:])
            old_line, old_left = old_line + 1, old_left - 1
        elif new_left and text.startswith("+"):
            yield LineChange(commit, new, new_line, is_added=True, text=text[1:])
            new_line, new_left = new_line + 1, new_left - 1
        elif text.startswith("--- "):
            old = text.removeprefix("--- a/").rstrip("\t")
        elif text.startswith("+++ "):
            new = text.removeprefix("+++ b/").rstrip("\t")
        elif hunk := _HUNK.match(text):
            old_line, new_line = int(hunk[1]), int(hunk[3])
            old_left, new_left = int(hunk[2] or 1), int(hunk[4] or 1)


def _run(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, or None when git is missing or says no."""
    printed = _run_raw(folder, None, *arguments)
    return None if printed is None else printed.decode(errors="replace")


def _run_raw(folder: Path, given: bytes | None, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(
            [*_GIT, "-C", str(folder), *arguments],
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None

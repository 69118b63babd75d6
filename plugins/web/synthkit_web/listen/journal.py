# SPDX-License-Identifier: Apache-2.0
"""Answers of a listening test in SQLite: only ever added to, and on the disk before they are acknowledged.

The journal is a write-ahead log with ``synchronous = FULL``: a commit returns when the log is on the disk, so
that an acknowledged answer outlives a killed server and a power cut. Triggers refuse to change or delete a
row.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthkit.errors import SynthkitError

SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, slot INTEGER NOT NULL, code TEXT NOT NULL, started REAL NOT NULL, agent TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answer (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL REFERENCES session (id), step TEXT NOT NULL,
    at REAL NOT NULL, data TEXT NOT NULL, UNIQUE (session, step)
);
CREATE TRIGGER IF NOT EXISTS session_kept BEFORE DELETE ON session
  BEGIN SELECT RAISE(ABORT, 'answers are kept'); END;
CREATE TRIGGER IF NOT EXISTS session_same BEFORE UPDATE ON session
  BEGIN SELECT RAISE(ABORT, 'answers are kept'); END;
CREATE TRIGGER IF NOT EXISTS answer_kept BEFORE DELETE ON answer
  BEGIN SELECT RAISE(ABORT, 'answers are kept'); END;
CREATE TRIGGER IF NOT EXISTS answer_same BEFORE UPDATE ON answer
  BEGIN SELECT RAISE(ABORT, 'answers are kept'); END;
"""
IDLE = 6 * 3600.0
"""Seconds after which an unfinished listener no longer holds a place in the plan."""


class StoreError(SynthkitError):
    """Answers that cannot be kept or read."""

    status = 500


@dataclass(frozen=True)
class Session:
    """One listener's visit.

    Attributes
    ----------
    id : str
        Nobody guesses it; it is the listener's only key.
    slot : int
        Which of the planned listeners.
    code : str
        What the listener, or the link, is called; may be empty.
    started : float
        Seconds since 1970.
    answers : dict of str to dict
        By step, in the order given.
    times : dict of str to float
    """

    id: str
    slot: int
    code: str
    started: float
    answers: dict[str, dict[str, Any]]
    times: dict[str, float]

    @property
    def last(self) -> float:
        """When the last answer came."""
        return max(self.times.values(), default=self.started)


class Store:
    """The answers of one test. May be used from several threads."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            if read_only:
                self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True,
                                           check_same_thread=False)  # fmt: skip
            else:
                self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.executescript(SCHEMA)
            self._db.execute("SELECT count(*) FROM answer").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"the answers cannot be opened: {error}", where=str(path)) from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def start(self, session: str, slots: int, steps: int, *, code: str = "", agent: str = "") -> Session:
        """A new session `session` at the place in the plan that fewest have finished or are at.

        Parameters
        ----------
        session : str
        slots : int
            Planned listeners.
        steps : int
            Answers of a session that has finished.
        code, agent : str
        """
        now = time.time()
        with self._writing() as db:
            taken = dict.fromkeys(range(slots), 0)
            found = db.execute(
                "SELECT s.slot, s.started, count(a.seq), max(a.at) FROM session s LEFT JOIN answer a ON "
                "a.session = s.id GROUP BY s.id"
            )
            for slot, started, count, last in found:
                if count >= steps or now - (last or started) < IDLE:
                    taken[slot] = taken.get(slot, 0) + 1
            slot = min(range(slots), key=lambda k: (taken[k], k))
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?)", (session, slot, code[:200], now, agent[:300])
            )
        return Session(session, slot, code[:200], now, {}, {})

    def add(self, session: str, step: str, data: dict[str, Any]) -> bool:
        """Keep an answer; False where this step was answered before, and the first answer stands."""
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        with self._writing() as db:
            done = db.execute(
                "INSERT INTO answer (session, step, at, data) VALUES (?, ?, ?, ?) ON CONFLICT (session, "
                "step) DO NOTHING",
                (session, step, time.time(), text),
            )
            return done.rowcount == 1

    def get(self, session: str) -> Session | None:
        """The session of that id."""
        found = self._sessions("WHERE s.id = ?", (session,))
        return found[0] if found else None

    def sessions(self) -> list[Session]:
        """All, as they started."""
        return self._sessions("", ())

    def _sessions(self, where: str, values: tuple[str, ...]) -> list[Session]:
        with self._lock:
            try:
                rows = self._db.execute(
                    "SELECT s.id, s.slot, s.code, s.started, a.step, a.at, a.data FROM session s "
                    f"LEFT JOIN answer a ON a.session = s.id {where} ORDER BY s.started, s.id, a.seq",
                    values,
                ).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"the answers cannot be read: {error}", where=str(self.path)) from error
        out: dict[str, Session] = {}
        for id, slot, code, started, step, at, data in rows:
            mine = out.setdefault(id, Session(id, slot, code, started, {}, {}))
            if step is not None:
                mine.answers[step] = json.loads(data)
                mine.times[step] = at
        return list(out.values())

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(
                    f"the answer cannot be kept: {error}",
                    where=str(self.path),
                    hint="is the disk full, or the folder not writable?",
                ) from error

"""db.py - looking into the tables, as PostgreSQL's superuser.

Speaks the simple query protocol on the stack's own socket, where the
superuser comes in by peer authentication: a test may ask a hundred times a
second, which a psql process each could not.
"""

import os
import socket
import struct


class DbError(Exception):
    pass


def _literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("'", "''").replace("\\", "\\\\")
    return f"E'{text}'"


class Db:
    """One connection, made when it is needed and again after a restart."""

    def __init__(self, socket_dir, database="tuberry"):
        self._path = os.path.join(socket_dir, ".s.PGSQL.5432")
        self._database = database
        self._sock = None

    def rows(self, sql, *values):
        """Rows as tuples of text or None; each %s is a quoted value."""
        query = sql % tuple(_literal(v) for v in values) if values else sql
        try:
            return self._query(query)
        except (OSError, EOFError):
            self.close()
            return self._query(query)

    def one(self, sql, *values):
        """The only column of the only row; None without a row."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def count(self, table, where="true", *values):
        return int(self.one(f"SELECT count(*) FROM {table} WHERE {where}",
                            *values))

    def close(self):
        if self._sock:
            self._sock.close()
            self._sock = None

    def _connect(self):
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(20)
        self._sock.connect(self._path)
        params = (b"user\0postgres\0database\0" + self._database.encode() +
                  b"\0client_encoding\0UTF8\0\0")
        self._sock.sendall(struct.pack("!ii", len(params) + 8, 196608) +
                           params)
        self._answer()

    def _query(self, query):
        if not self._sock:
            self._connect()
        data = query.encode() + b"\0"
        self._sock.sendall(b"Q" + struct.pack("!i", len(data) + 4) + data)
        return self._answer()

    def _take(self, n):
        parts = []
        while n:
            part = self._sock.recv(n)
            if not part:
                raise EOFError("PostgreSQL closed the connection")
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    def _answer(self):
        """Everything up to ReadyForQuery."""
        rows, error = [], None
        while True:
            kind = self._take(1)
            body = self._take(struct.unpack("!i", self._take(4))[0] - 4)
            if kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                error = body.replace(b"\0", b" ").decode(errors="replace")
                if b"FATAL" in body:
                    raise EOFError(error)
            elif kind == b"Z":
                break
        if error:
            raise DbError(error)
        return rows


def _row(body):
    values, at = [], 2
    for _ in range(struct.unpack("!h", body[:2])[0]):
        size = struct.unpack("!i", body[at:at + 4])[0]
        at += 4
        values.append(None if size < 0 else body[at:at + size].decode())
        at += max(size, 0)
    return tuple(values)

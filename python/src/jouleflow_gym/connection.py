"""A line to an environment server: a process of one's own over pipes, or one that waits at a Unix socket."""

import os
import signal
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from io import RawIOBase
from typing import IO, cast

from jouleflow_gym.command import MISSING, find_command
from jouleflow_gym.protocol import BATCH, CLOSE, HEADER, REFUSAL, WELCOME

_PATIENCE_SECONDS = 10.0


class EnvServerError(RuntimeError):
    """The environment server is gone or said what it must not; the message says in one sentence what it last said."""


class Connection:
    """Sends frames and receives them, one reply for one request."""

    def __init__(self, arguments: Sequence[str], path: str | None = None) -> None:
        """Starts a server with these arguments, or connects to the one that waits at the Unix socket ``path``."""
        self._buffer = bytearray(1 << 16)
        self._complaints: IO[bytes] | None = None
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._filled = 0
        self._npx = False
        if path is None:
            self._start(arguments)
        else:
            self._connect(path)
        self._end = weakref.finalize(self, _end, self._output, self._input, self._socket, self._process, self._complaints)

    def _start(self, arguments: Sequence[str]) -> None:
        command = find_command()
        self._npx = command[1:2] == ["--no-install"]
        self._complaints = tempfile.TemporaryFile()
        try:
            process = subprocess.Popen(
                [*command, "env-server", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                bufsize=0,
                # Ctrl-C is for the learner; the server ends when its input does.
                start_new_session=True,
            )
        except OSError as error:
            self._complaints.close()
            raise EnvServerError(f"{command[0]} cannot be started: {error.strerror}.") from None
        self._process = process
        self._output = cast(RawIOBase, process.stdin)
        self._input = cast(RawIOBase, process.stdout)

    def _connect(self, path: str) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(path)
        except OSError as error:
            line.close()
            if isinstance(error, ConnectionRefusedError) and os.path.exists(path):
                # What a server leaves behind that was killed while it waited.
                os.unlink(path)
            raise EnvServerError(f"No environment server waits at {path}: {error.strerror}.") from None
        self._socket = line
        self._output = self._input = line.makefile("rwb", buffering=0)

    def send(self, *parts: bytes | memoryview) -> None:
        """Sends one frame, given in parts."""
        if not self._end.alive:
            raise EnvServerError("The environment is closed.")
        frame = memoryview(parts[0] if len(parts) == 1 else b"".join(parts))
        try:
            while len(frame) > 0:
                frame = frame[self._output.write(frame) or 0 :]
        except OSError:
            raise self._gone() from None

    def receive(self) -> tuple[int, memoryview]:
        """The next frame: its kind and body, which is valid until the next call."""
        try:
            self._fill(HEADER.size)
            length, kind = HEADER.unpack_from(self._buffer)
            if kind not in (WELCOME, BATCH, REFUSAL):
                self.close()
                raise EnvServerError(f"The server sent a frame of kind {kind}; it does not speak this protocol.")
            self._fill(HEADER.size + length)
        except OSError:
            raise self._gone() from None
        self._filled = 0
        return kind, memoryview(self._buffer)[HEADER.size : HEADER.size + length]

    def _fill(self, wanted: int) -> None:
        """Reads until so many bytes of the frame are there; a server never sends more than was asked for."""
        if wanted > len(self._buffer):
            self._buffer = self._buffer[: self._filled] + bytearray(2 * wanted)
        view = memoryview(self._buffer)
        while self._filled < wanted:
            count = self._input.readinto(view[self._filled :])
            if not count:
                raise self._gone()
            self._filled += count

    def _gone(self) -> EnvServerError:
        """The server has ended: why, as far as it said so."""
        process = self._process
        if process is None:
            self.close()
            return EnvServerError("The environment server closed the connection.")
        try:
            code = process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        assert self._complaints is not None
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        said = next((line for line in reversed(lines) if line.startswith("jouleflow: ")), None)
        self.close()
        if said is not None:
            return EnvServerError(said)
        if self._npx:
            return EnvServerError(MISSING)
        last = f": {lines[-1]}" if lines else ""
        how = f"was ended by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with exit code {code}"
        return EnvServerError(f"The environment server {how}{last}.")

    def close(self) -> None:
        """Says goodbye and waits until the server has ended. Does nothing the second time."""
        self._end()


def _end(
    output: RawIOBase,
    input: RawIOBase,
    line: socket.socket | None,
    process: "subprocess.Popen[bytes] | None",
    complaints: IO[bytes] | None,
) -> None:
    try:
        output.write(HEADER.pack(0, CLOSE))
    except OSError:
        pass
    for end in (output, input, line, complaints):
        try:
            if end is not None:
                end.close()
        except OSError:
            pass
    if process is None:
        return
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        # npx has the server as a child of its own: the whole session ends.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

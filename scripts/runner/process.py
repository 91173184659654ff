# SPDX-License-Identifier: MIT
"""One VMM as a process: started in its own session, read line by line, always ended.

A line is cut at 64 KiB and the whole output is bounded, so no VMM can drown the runner;
bytes that are not text are shown escaped. The end of the process is seen through a pidfd,
because an orphan that holds its stdout may keep the pipe open. Knows nothing of TAP.
"""
import asyncio
import collections
import contextlib
import os
import resource
import signal
import subprocess
import time

from . import guard
from .model import CannotRun, Exit

LINE_BYTES = 64 * 1024
STDERR_LINES = 12
DRAIN_SECONDS = 0.3
TERM_SECONDS = 0.5
NOISE = ("is not connected to host network", "host doesn't support requested feature",
         "terminating on signal 15 from pid")


def _in_child():
    guard.die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def printable(raw):
    text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}"
                   for c in text)


class Vmm:
    """Use as: `vmm = await Vmm.start(...)`, then `next_lines` until None, then `end`."""

    @classmethod
    async def start(cls, argv, cwd, token):
        self = cls()
        environment = dict(os.environ, **{guard.TOKEN: token})
        self.token, self.began = token, time.monotonic()
        try:
            self.process = subprocess.Popen(
                argv, cwd=cwd, env=environment, bufsize=0, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                preexec_fn=_in_child)
        except OSError as error:
            raise CannotRun(f"{argv[0]}: {error.strerror}: name the VMM with --vmm PATH, "
                            f"or install QEMU with 'scripts/install-deps run'") from error
        await self._connect()
        return self

    async def _connect(self):
        loop = asyncio.get_running_loop()
        self.pidfd = os.pidfd_open(self.process.pid)
        self.gone = loop.create_future()
        loop.add_reader(self.pidfd, self._on_exit)
        os.set_blocking(self.process.stdin.fileno(), False)   # it may never read
        self.stdout, self._out = await self._reader(self.process.stdout)
        stderr, self._err = await self._reader(self.process.stderr)
        self.stderr = collections.deque(maxlen=STDERR_LINES)
        self._stderr_task = loop.create_task(self._read_stderr(stderr))
        self._read_task = None
        self._rest = b""
        self.output_bytes = 0
        self.last_output = self.began
        self.usage = None
        self.ended = None

    @staticmethod
    async def _reader(pipe):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LINE_BYTES)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return reader, transport

    def _on_exit(self):
        asyncio.get_running_loop().remove_reader(self.pidfd)
        self.ended = time.monotonic()
        _, status, self.usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if not self.gone.done():
            self.gone.set_result(self.process.returncode)

    async def _read_stderr(self, reader):
        rest = b""
        while chunk := await reader.read(LINE_BYTES):
            *lines, rest = (rest + chunk[-LINE_BYTES:]).split(b"\n")
            rest = rest[-LINE_BYTES:]
            self._keep_stderr(lines)
        self._keep_stderr([rest])

    def _keep_stderr(self, lines):
        for line in lines[-STDERR_LINES:]:
            text = printable(line[:500])
            if text.strip() and not any(noise in text for noise in NOISE):
                self.stderr.append(text)

    async def next_lines(self, timeout):
        """Raw lines as they come; [] when the timeout ran out; None after the last."""
        if self._read_task is None:
            self._read_task = asyncio.ensure_future(self.stdout.read(LINE_BYTES))
        if self.gone.done():
            timeout = DRAIN_SECONDS
        await asyncio.wait({self._read_task, self.gone} if not self.gone.done()
                           else {self._read_task},
                           timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._read_task.done():
            chunk, self._read_task = self._read_task.result(), None
            return self._split(chunk)
        return self._flush() if self.gone.done() and timeout == DRAIN_SECONDS else []

    async def gather(self, seconds):
        """Lets output come together: a guest writes some bytes thousands of times a second."""
        if not self.gone.done() and not self.stdout.at_eof():
            self._out.pause_reading()
            await asyncio.sleep(seconds)
            self._out.resume_reading()

    def _split(self, chunk):
        if not chunk:
            return self._flush()
        self.last_output = time.monotonic()
        self.output_bytes += len(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            lines.append(self._rest[:LINE_BYTES])
            self._rest = b""
        return [line + b"\n" for line in lines]

    def _flush(self):
        """The half line that a dying VMM leaves, once; then the end."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else None

    def cpu_seconds(self):
        if self.usage:
            return self.usage.ru_utime + self.usage.ru_stime
        with contextlib.suppress(OSError, IndexError, ValueError):
            with open(f"/proc/{self.process.pid}/stat", encoding="latin-1") as stat:
                fields = stat.read().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def write(self, text):
        with contextlib.suppress(OSError):
            os.write(self.process.stdin.fileno(), text.encode())

    async def wait(self, seconds):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.gone), seconds)
        return self.gone.done()

    def _signal_group(self, number):
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, number)

    async def end(self, cause=None):
        """Leaves no process behind, whatever state the VMM is in, and says how it ended.

        `cause` names why we end it; without one, the process ends (or has ended) itself.
        """
        silent = time.monotonic() - self.last_output
        if not self.gone.done():
            self._signal_group(signal.SIGTERM)
            if not await self.wait(TERM_SECONDS):
                self._signal_group(signal.SIGKILL)
                await self.wait(10)
        self._signal_group(signal.SIGKILL)
        guard.sweep(self.token)
        await asyncio.wait({self._stderr_task}, timeout=DRAIN_SECONDS)
        self.close()
        code = self.process.returncode
        if cause is None:
            cause = "exit" if code is not None and code >= 0 else "signal"
        wall = (self.ended or time.monotonic()) - self.began
        return Exit(cause, abs(code or 0), self.cpu_seconds(), wall, silent,
                    list(self.stderr))

    def close(self):
        self._stderr_task.cancel()
        if self._read_task:
            self._read_task.cancel()
        self._out.close()
        self._err.close()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(OSError):
            asyncio.get_running_loop().remove_reader(self.pidfd)
            os.close(self.pidfd)

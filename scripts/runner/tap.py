# SPDX-License-Identifier: MIT
"""Reads one serial line of the guest: TAP 13 with YAML, and our `#` lines.

Pure: fed with text lines, does no I/O, never raises on bad input. What is wrong with the
stream is collected in `problems`, in words a reader can act on. `from` is the first point
that this boot was asked for. Lines that are neither TAP nor ours are counted as junk.
"""
import collections
import json
import re
import time

from .model import Point

RESULT = re.compile(r"(not ok|ok) (\d+) - (\S+)(?: # (.*))?$")
RUN = re.compile(r"# run (\d+) (\S+)$")
PLAN = re.compile(r"1\.\.(\d+)(?: # .*)?$")
BANNER = re.compile(r"# qvirtio \S+ .*\bseed (0x[0-9a-fA-F]+|\d+)")
SUBJECT = re.compile(r"# ([a-z-]+\.[a-z0-9-]+\.\d+) (\S+) (.+)$")
SUMMARY = re.compile(
    r"# qvirtio: (\d+) passed, (\d+) failed, (\d+) warned, (\d+) skipped$")
WROTE = re.compile(r"# wrote (\S+) sector (\d+) count (\d+) seed (0x[0-9a-fA-F]+|\d+)$")
FILE = re.compile(r"# wrote (\S+) file (\S+) bytes (\d+) seed (0x[0-9a-fA-F]+|\d+)$")
SCRATCH = re.compile(r"# scratch (\S+) sector (\d+) count (\d+)$")
STUCK = re.compile(r"# stuck (\S+)$")
LISTED = re.compile(r"# plan (\d+) (\S+)$")
HOST = re.compile(r"# host (\d+) (.+)$")
BENCH = re.compile(r"# bench (\S+) (\S+)(?: (.+))?$")
ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|.)")


class TapReader:
    """The state of one boot's serial line, built up line by line."""

    def __init__(self, first=1, clock=time.monotonic):
        self.first, self.clock = first, clock
        self.version_seen = False
        self.preamble = collections.deque(maxlen=20)
        self.seed = ""
        self.boot = ""               # protocol and clock, in the kernel's words
        self.plan = None
        self.points = []
        self.running = None          # (number, id, since) of the test in flight
        self.ran_any = False
        self.subjects = {}
        self.clauses = set()
        self.summary = None
        self.bail = None
        self.writes = []             # ("wrote" or "scratch", disk, sector, count, seed)
        self.files = []              # (shared folder, name, bytes, seed)
        self.listing = []
        self.host_requests = []
        self.benches = []
        self.stuck = {}              # device: the point behind which it can no longer be reset
        self.notes = []
        self.problems = []
        self.junk = []
        self._block = None
        self.pending = []

    @property
    def is_between(self):
        """No test runs, and all is read of the last one's result."""
        return bool(self.points) and self.running is None and self._block is None and \
            (self.points[-1].ok or bool(self.points[-1].details))

    def feed(self, line):
        if self._block is not None:
            return self._feed_block(line)
        if not self.version_seen:
            return self._feed_before_tap(line)
        if line.startswith("#"):
            return self._feed_note(line)
        return self._feed_tap(line)

    def _feed_before_tap(self, line):
        """Firmware and loaders may say what they like; a kernel may die that early."""
        if line.strip() == "TAP version 13":
            self.version_seen = True
        elif line.startswith("Bail out!"):
            self.bail = line[len("Bail out!"):].strip()
        elif line.strip():
            self.preamble.append(line)

    def _feed_tap(self, line):
        if line == "  ---" and self.points:
            self._block = []
        elif match := RESULT.match(line):
            self._result(match)
        elif match := PLAN.match(line):
            self._plan(int(match[1]))
        elif line.startswith("Bail out!"):
            self.bail = line[len("Bail out!"):].strip()
        elif line.strip():
            self.junk.append(line)

    def _plan(self, count):
        if self.plan is not None:
            self.problems.append(f"a second plan: 1..{self.plan}, then 1..{count}")
        else:
            self.plan = count

    def _result(self, match):
        number, name = int(match[2]), match[3]
        point = Point(number, name, match[1] == "ok", match[4] or "", notes=self.pending)
        self.pending = []
        if self.running is None and point.directive.upper().startswith("SKIP"):
            pass                        # what is skipped does not run
        elif self.running is None:
            self.problems.append(f"result {number} ({name}) without its '# run' line")
        else:
            ran, ran_name, since = self.running
            point.seconds = self.clock() - since
            if (ran, ran_name) != (number, name):
                self.problems.append(
                    f"'# run {ran} {ran_name}' was answered by '{number} - {name}'")
        self._check_number(number)
        self.running = None
        self.points.append(point)

    def _check_number(self, number):
        if any(point.number == number for point in self.points[-1:]):
            self.problems.append(f"number {number} came twice")
        elif self.points and number < self.points[-1].number:
            self.problems.append(f"number {number} came after {self.points[-1].number}")
        if self.plan is None:
            self.problems.append(f"result {number} before the plan")
        elif not self.first <= number <= self.plan:
            self.problems.append(f"number {number} is outside {self.first}..{self.plan}")

    def _feed_note(self, line):
        if match := RUN.match(line):
            self._run(int(match[1]), match[2])
        elif match := SUMMARY.match(line):
            self.summary = tuple(int(count) for count in match.groups())
        elif line.startswith("# clauses"):
            self.clauses.update(line.split()[2:])
        elif match := WROTE.match(line):
            self.writes.append(("wrote", match[1], int(match[2]), int(match[3]),
                                int(match[4], 0)))
        elif match := FILE.match(line):
            self.files.append((match[1], match[2], int(match[3]), int(match[4], 0)))
        elif match := SCRATCH.match(line):
            self.writes.append(("scratch", match[1], int(match[2]), int(match[3]), None))
        elif line.startswith(("# wrote ", "# scratch ")):
            self.problems.append(f"an announcement that cannot be read: {line}")
        elif match := STUCK.match(line):
            self.stuck[match[1]] = self.running[1] if self.running else \
                self.points[-1].id if self.points else ""
        elif match := HOST.match(line):
            self.host_requests.append((int(match[1]), match[2]))
        elif match := BENCH.match(line):
            self.benches.append((match[1], match[2], match[3] or ""))
        elif match := LISTED.match(line):
            self.listing.append((int(match[1]), match[2]))
        elif not self.seed and (match := BANNER.match(line)):
            self.seed = match[1]
        elif self.plan is None and line.startswith("# boot "):
            self.boot = line[len("# boot "):]
        elif self.plan is None and (match := SUBJECT.match(line)):
            self.subjects[match[1]] = f"{match[2]} {match[3]}"
        else:
            (self.pending if self.running else self.notes).append(line[1:].strip())

    def _run(self, number, name):
        if self.running and self.running[0] != number:
            self.problems.append(
                f"point {self.running[0]} ({self.running[1]}) has no result")
        self.running = (number, name, self.clock())
        self.ran_any = True
        self.pending = []

    def _feed_block(self, line):
        if line == "  ...":
            self.points[-1].details.update(read_block(self._block))
            self._block = None
        elif line.startswith("  "):
            self._block.append(line[2:])
        else:
            self.problems.append(
                f"the YAML block of point {self.points[-1].number} has no end")
            self._block = None
            self.feed(line)

    def finish(self, complete):
        """Says what is missing. `complete`: the guest itself ended the run."""
        if self._block is not None:
            self.problems.append(
                f"the YAML block of point {self.points[-1].number} has no end")
            self.points[-1].details.update(read_block(self._block))
            self._block = None
        if complete and self.bail is None and not self.listing:
            self._check_all_there()

    def _check_all_there(self):
        if self.plan is None:
            self.problems.append("no plan")
            return
        seen = {point.number for point in self.points}
        missing = [n for n in range(self.first, self.plan + 1) if n not in seen]
        if missing:
            self.problems.append(f"{len(missing)} of the plan's points have no result: "
                                 f"{shorten(missing)}")
        if self.summary is None:
            self.problems.append("no summary line")
        elif sum(self.summary) != len(self.points):
            self.problems.append(f"the summary counts {sum(self.summary)} points, "
                                 f"the line showed {len(self.points)}")


def shorten(numbers, limit=8):
    text = ", ".join(str(number) for number in numbers[:limit])
    return text + (" ..." if len(numbers) > limit else "")


def json_escape(match):
    """YAML's backslash-x-NN is not known to JSON, which reads all the others."""
    return f"\\u00{match[1]}" if match[1] else match[0]


def read_value(text):
    """A quoted string, or the bare word as it stands."""
    text = text.strip()
    if len(text) > 1 and text[0] == '"' and text[-1] == '"':
        try:
            return json.loads(ESCAPE.sub(json_escape, text), strict=False)
        except ValueError:
            return text[1:-1]
    return text


def read_block(lines):
    """The subset of YAML that the kernel writes: `key: value`, and lists of strings."""
    details, key = {}, None
    for line in lines:
        if line.startswith("---"):
            continue
        match = re.match(r"([A-Za-z_][\w-]*):(?:\s+(.*))?$", line)
        if match:
            key = match[1]
            value = (match[2] or "").strip()
            details[key] = [] if value in ("", "|") else read_value(value)
        elif key is not None:
            if not isinstance(details[key], list):
                details[key] = [details[key]]
            details[key].append(read_value(re.sub(r"^\s*(- )?", "", line)))
    return details

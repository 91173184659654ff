# SPDX-License-Identifier: MIT
"""An honest guest of the fake VMM, which its scenarios spoil, and one that fails.

Six points; `from=`, `seed=` and `list` are honoured, so a runner can go on behind a death.
"""
import os
import sys

IDS = ["life/status-reads-zero@pci.blk.0", "ring/index-wraps@pci.blk.0:split",
       "blk/flush-completes@pci.blk.0:split", "blk/reads-what-was-written@pci.blk.0:split",
       "rng/bytes-arrive@pci.rng.0:split", "net/frame-arrives@pci.net.0:split"]
YAML = """  ---
  outcome: failed
  basis: dev:5.2.6.2-3a
  clause: dev:5.2.6.2-3a
  level: MUST
  at: tests/blk/read.c:141
  expected: "status VIRTIO_BLK_S_IOERR (1)"
  seen: "status VIRTIO_BLK_S_OK (0)"
  device: "status 0x0f"
  ring:
    - "avail 17"
    - "used 17"
  ...
"""


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Guest:
    """An honest guest; the scenarios below override what they spoil."""
    plan = len(IDS)
    status = 33

    def __init__(self, words):
        self.words = words
        values = dict(word.split("=", 1) for word in words if "=" in word)
        self.first = int(values.get("from", 1))
        self.at = int(values.get("at", 3))
        self.seed = values.get("seed", hex(os.getpid()))   # another one each time
        self.counts = [0, 0, 0, 0]

    def run(self):
        self.before()
        say("TAP version 13")
        say(f"# qvirtio 0.1.0 fake, virtio 1.4, seed {self.seed}")
        self.devices()
        if "list" in self.words:
            for number, name in enumerate(IDS, 1):
                say(f"# plan {number} {name}")
            self.end()
            return
        say(f"1..{self.plan}")
        for number in range(self.first, len(IDS) + 1):
            say(f"# run {number} {IDS[number - 1]}")
            self.point(number, IDS[number - 1])
        self.end()

    def before(self):
        pass

    def devices(self):
        say("# pci.blk.0 00:03.0 modern, features +VERSION_1")

    def point(self, number, name):
        if number == self.at:
            self.spoil(number, name)
        else:
            self.passes(number, name)

    def passes(self, number, name):
        self.counts[0] += 1
        say(f"ok {number} - {name}")

    def fails(self, number, name, more=""):
        self.counts[2 if more else 1] += 1
        say(f"not ok {number} - {name}{more}")
        sys.stdout.write(YAML)

    def spoil(self, number, name):
        self.passes(number, name)

    def end(self):
        say("# clauses dev:2.1.2-1 dev:2.4.1-1")
        self.summary()
        sys.exit(self.status)

    def summary(self):
        say("# qvirtio: {} passed, {} failed, {} warned, {} skipped".format(*self.counts))


class Fails(Guest):
    status = 35

    def spoil(self, number, name):
        self.fails(number, name)

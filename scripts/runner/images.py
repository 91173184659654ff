# SPDX-License-Identifier: MIT
"""Disk images: what the runner puts in, and what must be there when the VMM has gone.

Word w of sector s holds splitmix64(s * 64 + w), little-endian; a sector that the guest
announces with a seed holds splitmix64(seed + s * 64 + w). Leaves out formats other than
raw. The generator computes 4096 words at a time in one big integer, 128 bits a lane, so
that a 64-bit product never reaches its neighbour: 8 MiB in a blink without numpy.
"""
import functools

SECTOR_BYTES = 512
SECTOR_WORDS = 64
LANES = 4096
MASK64 = (1 << 64) - 1
ONES = sum(1 << (128 * lane) for lane in range(LANES))
RAMP = sum(lane << (128 * lane) for lane in range(LANES))
MASK = MASK64 * ONES


def _block(first):
    """splitmix64 of first, first + 1, ... as bytes, LANES words of them."""
    z = (((first + 0x9E3779B97F4A7C15) & MASK64) * ONES + RAMP) & MASK
    z = ((z ^ ((z >> 30) & MASK)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ ((z >> 27) & MASK)) * 0x94D049BB133111EB) & MASK
    z ^= (z >> 31) & MASK
    return memoryview(z.to_bytes(16 * LANES, "little")).cast("Q")[::2].tobytes()


def words(first, count):
    blocks = (_block((first + at) & MASK64) for at in range(0, count, LANES))
    return b"".join(blocks)[:count * 8]


def sectors(start, count, seed=0):
    return words(seed + start * SECTOR_WORDS, count * SECTOR_WORDS)


_longest = b""


@functools.lru_cache(maxsize=8)
def pattern(size):
    """What a disk of that size begins with: a larger one begins with the same."""
    global _longest
    have, want = len(_longest) // SECTOR_BYTES, size // SECTOR_BYTES
    if have < want:
        _longest += sectors(have, want - have)
    return _longest[:want * SECTOR_BYTES]


class Ledger:
    """What a disk must hold: the pattern, then each announcement; the last one wins."""

    def __init__(self, name, size, readonly):
        self.name, self.readonly = name, readonly
        self.count = size // SECTOR_BYTES
        self.expected = bytearray(pattern(size))
        self.free = set()            # scratch sectors: anything may be there
        self.announced = set()
        self.problems = []

    def note(self, kind, start, count, seed):
        if self.readonly and kind == "wrote":
            self.problems.append(f"{self.name} is read-only, and sector {start} was "
                                 f"written")
        elif start + count > self.count:
            self.problems.append(f"{self.name} has {self.count} sectors, and an "
                                 f"announcement names {start}..{start + count - 1}")
        elif kind == "scratch":
            self.free.update(range(start, start + count))
        else:
            span = range(start, start + count)
            self.free.difference_update(span)
            self.announced.update(span)
            self.expected[start * SECTOR_BYTES:(start + count) * SECTOR_BYTES] = \
                sectors(start, count, seed)

    def judge(self, content):
        """Every way in which the image differs from the ledger, in words."""
        if len(content) != len(self.expected):
            self.problems.append(f"{self.name} is {len(content)} bytes long, "
                                 f"not {len(self.expected)}")
        elif content != self.expected:
            self._judge_sectors(content)
        return self.problems

    def _judge_sectors(self, content):
        wrong = [s for s in range(self.count) if s not in self.free
                 and self._sector(content, s) != self._sector(self.expected, s)]
        lost = [s for s in wrong if s in self.announced]
        stray = [s for s in wrong if s not in self.announced]
        if lost:
            self.problems.append(
                f"{self.name}: {len(lost)} announced sectors do not hold what was "
                f"written, first {lost[0]}: {self._difference(content, lost[0])}")
        if stray:
            self.problems.append(
                f"{self.name}: {len(stray)} sectors changed that nobody announced, "
                f"first {stray[0]}: {self._difference(content, stray[0])}")

    @staticmethod
    def _sector(content, sector):
        return content[sector * SECTOR_BYTES:(sector + 1) * SECTOR_BYTES]

    def _difference(self, content, sector):
        want, have = self._sector(self.expected, sector), self._sector(content, sector)
        at = next(i for i in range(SECTOR_BYTES) if want[i] != have[i]) & ~7
        return f"byte {at} has {have[at:at + 8].hex()}, not {want[at:at + 8].hex()}"


def judge_disks(disks, read, writes):
    """`disks`: {name: (size, readonly)}; `read(name)`: bytes; `writes`: announcements."""
    ledgers = {name: Ledger(name, size, readonly)
               for name, (size, readonly) in disks.items()}
    problems = []
    for kind, name, start, count, seed in writes:
        if name in ledgers:
            ledgers[name].note(kind, start, count, seed)
        else:
            problems.append(f"an announcement names {name}, which this machine lacks")
    for name, ledger in ledgers.items():
        problems += ledger.judge(read(name))
    return problems

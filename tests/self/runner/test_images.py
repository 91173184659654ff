# SPDX-License-Identifier: MIT
"""The pattern in the images, and the judgement of what a guest left there."""
import struct
import unittest

import support  # noqa: F401  (puts the runner on the path)

from runner import images

MASK = (1 << 64) - 1
MIB = 1 << 20


def splitmix64(x):
    """The definition, one word at a time."""
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Pattern(unittest.TestCase):
    def test_known_values(self):
        """The first outputs of the published generator for the seed 0 and 1."""
        self.assertEqual(splitmix64(0), 0xE220A8397B1DCDAF)
        self.assertEqual(struct.unpack("<Q", images.words(0, 1))[0], 0xE220A8397B1DCDAF)

    def test_each_word_by_its_definition(self):
        content = images.pattern(MIB)
        for word in (0, 1, 63, 64, 4095, 4096, 8191, 131071):
            self.assertEqual(struct.unpack_from("<Q", content, word * 8)[0], splitmix64(word))

    def test_seeds_wrap_at_64_bits(self):
        seed = MASK - 200
        content = images.sectors(3, 2, seed)
        for word in range(128):
            self.assertEqual(struct.unpack_from("<Q", content, word * 8)[0],
                             splitmix64((seed + 192 + word) & MASK))


class Judgement(unittest.TestCase):
    def setUp(self):
        self.content = bytearray(images.pattern(MIB))

    def put(self, sector, content):
        self.content[sector * 512:sector * 512 + len(content)] = content

    def judge(self, *writes, readonly=False):
        return images.judge_disks({"blk.0": (MIB, readonly)},
                                  lambda _: bytes(self.content), writes)

    def test_untouched(self):
        self.assertEqual(self.judge(), [])

    def test_what_was_announced_is_there(self):
        self.put(128, images.sectors(128, 8, 0x1234))
        self.assertEqual(self.judge(("wrote", "blk.0", 128, 8, 0x1234)), [])

    def test_announced_and_not_there(self):
        problems = self.judge(("wrote", "blk.0", 128, 8, 0x1234))
        self.assertIn("8 announced sectors do not hold what was written, first 128",
                      problems[0])

    def test_one_wrong_byte(self):
        self.put(128, images.sectors(128, 8, 0x1234))
        self.content[131 * 512 + 100] ^= 1
        self.assertIn("first 131: byte 96", self.judge(("wrote", "blk.0", 128, 8, 0x1234))[0])

    def test_a_change_that_nobody_announced(self):
        self.content[2000 * 512] ^= 1
        self.assertIn("1 sectors changed that nobody announced, first 2000", self.judge()[0])

    def test_scratch_may_hold_anything(self):
        self.content[2000 * 512] ^= 1
        self.assertEqual(self.judge(("scratch", "blk.0", 1999, 2, None)), [])

    def test_the_last_announcement_wins(self):
        self.put(5, images.sectors(5, 1, 2))
        self.assertEqual(self.judge(("wrote", "blk.0", 5, 1, 1), ("wrote", "blk.0", 5, 1, 2)),
                         [])
        self.assertNotEqual(self.judge(("wrote", "blk.0", 5, 1, 2),
                                       ("wrote", "blk.0", 5, 1, 1)), [])

    def test_scratch_then_announced_is_judged(self):
        self.assertNotEqual(self.judge(("scratch", "blk.0", 5, 1, None),
                                       ("wrote", "blk.0", 5, 1, 2)), [])

    def test_a_read_only_disk_that_changed(self):
        self.content[0] ^= 1
        self.assertNotEqual(self.judge(readonly=True), [])

    def test_a_write_announced_for_a_read_only_disk(self):
        self.assertIn("read-only", self.judge(("wrote", "blk.0", 5, 1, 2), readonly=True)[0])

    def test_an_announcement_past_the_end(self):
        self.assertIn("2048 sectors", self.judge(("wrote", "blk.0", 2047, 2, 2))[0])

    def test_an_announcement_for_another_disk(self):
        self.assertIn("blk.7", self.judge(("wrote", "blk.7", 0, 1, 2))[0])

    def test_a_disk_that_shrank(self):
        del self.content[-512:]
        self.assertIn("bytes long", self.judge()[0])


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""Folders shared with a guest: what the runner puts in, and what must be there afterwards.

    data              20,000 bytes: word w holds splitmix64(w), little-endian
    empty             nothing
    link              a symbolic link to `data`
    many/00 ... 49    files of as many bytes as their name says

A file that the guest announces holds splitmix64(seed + w); every other is as it was.
"""
import os

from . import images

DATA_BYTES = 20000
MANY = 50
LINK = "data"


def name(device):
    return f"{device.name}.share"


def content(size, seed):
    return images.words(seed, (size + 7) // 8)[:size]


def _files():
    files = {"data": content(DATA_BYTES, 0), "empty": b""}
    return files | {f"many/{n:02}": content(n, 0) for n in range(MANY)}


def fill(folder):
    os.makedirs(os.path.join(folder, "many"), exist_ok=True)
    for path, data in _files().items():
        with open(os.path.join(folder, path), "wb") as file:
            file.write(data)
    if not os.path.islink(os.path.join(folder, "link")):
        os.symlink(LINK, os.path.join(folder, "link"))


def _read(folder):
    """{path: content}; of a link where it points, of a folder None."""
    found = {}
    for place, folders, files in os.walk(folder):
        for entry in folders + files:
            path = os.path.join(place, entry)
            key = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[key] = os.readlink(path)
            elif os.path.isdir(path):
                found[key] = None
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[key] = file.read()
            else:
                found[key] = "no regular file"
    return found


def judge(folders, written):
    """`folders`: {key: path}; `written`: announcements. What is wrong, in words."""
    problems = [f"an announcement names {key}, which this machine lacks"
                for key, *_ in written if key not in folders]
    for key, folder in folders.items():
        expected = {**_files(), "many": None, "link": LINK}
        expected |= {path: content(size, seed)
                     for owner, path, size, seed in written if owner == key}
        found = _read(folder)
        problems += [f"{key}: {path} is not there" for path in expected.keys() - found.keys()]
        problems += [f"{key}: nobody announced {path}"
                     for path in found.keys() - expected.keys()]
        problems += [f"{key}: {path} does not hold what it must"
                     for path in expected.keys() & found.keys()
                     if expected[path] != found[path]]
    return sorted(problems)

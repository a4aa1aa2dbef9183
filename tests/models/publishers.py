"""Publishers in processes of their own, to be killed or to race: `python -m tests.models.publishers kill SHELF`."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from random import Random

from models import Shelf
from tests.models.shelves import AT, publish

KILLS = 20
LONGEST = 0.06
"""Seconds until a kill: about ten publications long."""

EACH = 15

TOUCHES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "shutil.rmtree"}
LEAST_STEPS = 20
"""A publication opens, makes and renames at least so often; fewer would mean that the count sees nothing."""


def publish_for_ever(shelf: Shelf, said: int) -> None:
    """Publish and promote; write each version down once it serves."""
    while True:
        version = publish(shelf).version
        shelf.promote(version, by="test", at=AT)
        os.write(said, f"{version}\n".encode())


def kill_one(shelf: Shelf, after: float) -> list[str]:
    """Start a publisher, kill it after some seconds; answers the versions that it said were serving."""
    hears, says = os.pipe()
    child = os.fork()
    if child == 0:
        publish_for_ever(shelf, says)
    os.close(says)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(hears) as heard:
        return heard.read().split()


def kill(folder: Path) -> None:
    """Kill publishers at random moments; after each, all that is there opens, and nothing said is lost."""
    shelf, dice, served, drafts = Shelf(folder), Random(20), 0, 0
    for _ in range(KILLS):
        said = kill_one(shelf, dice.uniform(0, LONGEST))
        served = max([served, *map(int, said)])
        assert int(shelf.champion() or 0) >= served, (shelf.champion(), served)
        assert set(said) <= set(shelf.versions()), (said, shelf.versions())
        for version in shelf.versions():
            shelf.open(version)
        if served:
            assert shelf.open_champion()[1] is None
        drafts += any((folder / "models").glob(".new-*"))
    publish(shelf)
    assert not list((folder / "models").glob(".new-*"))
    assert drafts >= KILLS // 4, f"only {drafts} kills fell into a publication"
    print(f"{KILLS} kills, {drafts} of them within a publication, {len(shelf.versions())} models")


def kill_at_step(shelf: Shelf, step: int) -> bool:
    """Publish and promote in a child that kills itself at its n-th touch of the file system; whether it got there."""
    child = os.fork()
    if child == 0:
        left = step

        def count(event: str, _: object) -> None:
            nonlocal left
            left -= event in TOUCHES
            if left == 0 and event in TOUCHES:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        shelf.promote(publish(shelf).version, by="test", at=AT)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def steps(folder: Path) -> None:
    """Kill a publisher at every single step; the shelf is as it was, or has the whole new model."""
    shelf = Shelf(folder)
    publish(shelf)
    shelf.promote("1", by="test", at=AT)
    step = 1
    while kill_at_step(shelf, step):
        for version in shelf.versions():
            shelf.open(version)
        assert shelf.open_champion()[1] is None
        step += 1
    assert step > LEAST_STEPS, step
    print(f"killed at each of {step - 1} steps, {len(shelf.versions())} models")


def race(folder: Path) -> None:
    """Two publishers at once: each gets versions of its own."""
    shelf, child = Shelf(folder), os.fork()
    for _ in range(EACH):
        publish(shelf)
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert shelf.versions() == [str(n) for n in range(1, 2 * EACH + 1)], shelf.versions()
    for version in shelf.versions():
        shelf.open(version)


if __name__ == "__main__":
    {"kill": kill, "steps": steps, "race": race}[sys.argv[1]](Path(sys.argv[2]))

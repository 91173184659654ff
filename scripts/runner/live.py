# SPDX-License-Identifier: MIT
"""What a person sees while machines run: bars on a terminal, plain lines anywhere else.

Both are told the same four things (started, point, died, finished). The bars use rich,
refreshed from our own loop, so that no second thread is there when VMMs are forked.
"""
import sys
import time

from .model import FAILED


def machine_line(run):
    parts = [f"{run.count('passed')} passed", f"{run.count(FAILED)} failed"]
    parts += [f"{run.count(status)} {status}" for status in ("known", "warned", "skipped")
              if run.count(status)]
    boots = f", {run.boots} boots" if run.boots > 1 else ""
    nothing = ", nothing matched" if run.nothing_matched else ""
    return f"{run.name:<22} {run.seconds:6.2f} s  {', '.join(parts)}{boots}{nothing}"


class PlainProgress:
    """One line for a machine that ended, one for each death that nobody expected."""

    def __init__(self, total, deviations=(), out=sys.stdout):
        self.out, self.total, self.done = out, total, 0
        self.deviations = deviations

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def say(self, text):
        print(text, file=self.out, flush=True)

    def started(self, name):
        pass

    def point(self, run, number, name, plan):
        pass

    def is_expected(self, run, running):
        point = next((point for point in reversed(run.points)
                      if running and point.id == running[1]), None)
        return point is not None and any(
            deviation.covers(run.job) and deviation.concerns(point.id, run)
            and not deviation.misfits(point) for deviation in self.deviations)

    def died(self, run, running, text):
        if self.is_expected(run, running):
            return
        where = f"in {running[1]}" if running else "outside any test"
        self.say(f"{run.name}: {where}: {text}")

    def finished(self, run):
        self.done += 1
        self.say(f"[{self.done}/{self.total}] {machine_line(run)}")


class BarProgress(PlainProgress):
    """A bar for each running machine; finished ones scroll away as plain lines."""

    REFRESH_SECONDS = 0.1

    def __init__(self, total, deviations=(), out=sys.stdout):
        super().__init__(total, deviations, out)
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        self.bars = Progress(
            TextColumn("{task.fields[machine]:<22}"), BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
            TextColumn("{task.fields[test]}", markup=False),
            console=Console(file=out, highlight=False), auto_refresh=False,
            transient=True)
        self.task_of, self.at, self.refreshed = {}, {}, 0.0

    def __enter__(self):
        self.bars.start()
        return self

    def __exit__(self, *_):
        self.bars.stop()

    def say(self, text):
        self.bars.console.print(text, markup=False, soft_wrap=True)

    def _refresh(self):
        if time.monotonic() - self.refreshed > self.REFRESH_SECONDS:
            self.refreshed = time.monotonic()
            self.bars.refresh()

    def started(self, name):
        self.task_of[name] = self.bars.add_task("", machine=name, test="boots", total=None)
        self.at[name] = {}
        self._refresh()

    def point(self, run, number, name, plan):
        """A machine's bar is the sum of its parts."""
        parts = self.at[run.name]
        parts[id(run)] = (number, plan or 0)
        done, total = map(sum, zip(*parts.values(), strict=True))
        self.bars.update(self.task_of[run.name], completed=done, total=total, test=name)
        self._refresh()

    def finished(self, run):
        self.bars.remove_task(self.task_of.pop(run.name))
        super().finished(run)


def choose(total, deviations, out=sys.stdout):
    """Bars need a terminal and rich; without either, plain lines do."""
    if out.isatty():
        try:
            return BarProgress(total, deviations, out)
        except ImportError:
            pass
    return PlainProgress(total, deviations, out)

"""runner.py - which tests there are, and running one after another.

	@test
	def a_photo_arrives_as_a_photo(w): ...

	@test(events=("webhook.refused",))
	def ...

events names the warnings and errors that the programs may log meanwhile
(shell patterns); any other fails the test, as does anything that the sandbox
objects to.
"""

import fnmatch
import re
import sys
import time
import traceback

from lib.world import World

_tests = []


class Test:
    def __init__(self, function, events, last, everywhere):
        self.function = function
        self.name = function.__name__
        self.module = function.__module__
        self.events = events
        self.last = last
        self.everywhere = everywhere


def test(function=None, *, events=(), last=False, everywhere=False):
    """last: after all others, whatever its module; everywhere: on each stack,
    as it looks at what the others left there."""
    def register(f):
        _tests.append(Test(f, tuple(events), last, everywhere))
        return f
    return register(function) if function else register


def chosen(patterns):
    """Those whose name or module fits a pattern; all without any."""
    found = [t for t in _tests if not patterns or any(
        fnmatch.fnmatch(name, pattern)
        for pattern in patterns
        for name in (t.name, t.module, f"{t.module}.{t.name}"))]
    return sorted(found, key=lambda t: t.last)


def shared(tests, number, stacks):
    """The share of a stack: whole modules, much the same to each."""
    sizes = {}
    for t in tests:
        sizes[t.module] = sizes.get(t.module, 0) + 1
    loads = [[0, n, set()] for n in range(stacks)]
    for module in sorted(sizes, key=lambda m: (-sizes[m], m)):
        least = min(loads, key=lambda load: load[:2])
        least[0] += sizes[module]
        least[2].add(module)
    own = loads[number][2]
    return [t for t in tests if t.everywhere or t.module in own]


# A busy machine: Redis answered later than the tenth of a second that a worker
# waits for it.  That it is away says something else.
BUSY = re.compile(r"warn \S+ redis\.away .*reason="
                  r"\"Resource temporarily unavailable\"")


class _Logs:
    """What the programs log from now on."""

    NAMES = ("web", "daemon")

    def __init__(self, stack):
        self._stack = stack
        self._from = {name: stack.log_size(name) for name in self.NAMES}

    def lines(self):
        for name in self.NAMES:
            text = self._stack.log_text(name, self._from[name])
            for line in text.splitlines():
                yield name, line

    def unexpected(self, events):
        for name, line in self.lines():
            if BUSY.match(line):
                continue
            match = re.match(r"(warn|error) (?:id=\S* )?(\S+)", line)
            if match:
                if not any(fnmatch.fnmatch(match.group(2), e)
                           for e in events):
                    yield f"{name}.log: {line}"
            elif not re.match(r"(info|debug) ", line):
                # A sanitizer's report, an assertion, a library's outcry.
                yield f"{name}.log: {line}"


def _aftermath(stack, logs, test_):
    """What is wrong though the test itself is content."""
    wrong = [f"violation: {v['service']} {v['method']}: {v['what']}"
             for v in stack.sandbox.violations()]
    stack.sandbox.delete("violations")
    return wrong + list(logs.unexpected(test_.events))


def _reason(error):
    if isinstance(error, AssertionError) and str(error):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    frames = [f for f in traceback.extract_tb(error.__traceback__)
              if "/e2e/test_" in f.filename]
    if frames:
        frame = frames[-1]
        name = frame.filename.rsplit("/", 1)[1]
        text += f"\n  at {name}:{frame.lineno}: {frame.line}"
    return text


def run_one(test_, stack, openapi, secrets):
    """True when it passed.  Prints the verdict."""
    begun = time.monotonic()
    logs = _Logs(stack)
    reasons, notes = [], []
    world = World(stack, openapi, secrets, notes)
    try:
        test_.function(world)
    except Exception as error:  # pylint: disable=broad-except
        reasons.append(_reason(error))
    try:
        world.finish()
        reasons += _aftermath(stack, logs, test_)
    except Exception as error:  # pylint: disable=broad-except
        reasons.append("afterwards: " + _reason(error))
    seconds = time.monotonic() - begun
    if not reasons:
        print(f"ok {test_.name} ({seconds:.1f} s)", flush=True)
    else:
        print(f"FAIL {test_.name} ({seconds:.1f} s)")
        for reason in reasons[:12]:
            print("  " + reason.replace("\n", "\n  "))
        print(f"  logs: {stack.dir}/log")
    for note in notes:
        print(f"  {note}")
    sys.stdout.flush()
    return not reasons

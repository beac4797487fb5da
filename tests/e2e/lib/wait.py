"""wait.py - polling with a deadline, instead of sleeping."""

import time

# Long enough for a loaded machine and a sanitizer build; nobody waits for it
# unless something is wrong.
DEADLINE_S = 60
PAUSE_S = 0.02


def until(condition, what, seconds=DEADLINE_S, pause_s=PAUSE_S):
    """The first true value of condition(), asked again until it is one."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause_s)

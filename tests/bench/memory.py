"""memory.py - what all our processes need of the machine's memory.

PSS: a page that several processes share counts once in the sum.
"""

import re


def _pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+) kB", file.read(),
                             re.MULTILINE).group(1))


def daemon_mb(stack):
    """Now, and the most that was ever resident."""
    pid = stack.pid("daemon")
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        peak = int(re.search(r"^VmHWM:\s+(\d+) kB", file.read(),
                             re.MULTILINE).group(1))
    return {"pss_mb": _pss_kb(pid) / 1024, "rss_peak_mb": peak / 1024}


def web_mb(stack):
    """The master and all workers."""
    return sum(map(_pss_kb, {stack.pid("web"), *stack.workers("web")})) / 1024


def measure(scene, when):
    stack = scene.stack
    workers = stack.workers("web")
    parts = {
        "master": _pss_kb(stack.pid("web")),
        "workers": sum(_pss_kb(pid) for pid in workers),
        "daemon": _pss_kb(stack.pid("daemon")),
    }
    return {"when": when, "workers_count": len(workers),
            "parts_mb": {k: v / 1024 for k, v in parts.items()},
            "sum_mb": sum(parts.values()) / 1024}

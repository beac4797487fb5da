"""report.py - what is printed at the end."""

from plan import ACTORS, BETRAYALS

SHOWN_MAX = 40
# What the table says of the end, in this order.
RESULTS = ("not drained", "lost", "given up", "duplicated at Avito",
           "strange at Avito", "out of order at Avito",
           "out of order in the topic", "strange at Telegram",
           "duplicated at Telegram", "robot never started",
           "robot sent twice", "robot lost", "robot kept back",
           "robot not shown", "bad manners", "outcry")


def write(scene, verdict):
    if verdict is None or verdict.violations:
        _failure(scene, verdict)
    if verdict is not None:
        _table(scene, verdict)


def _failure(scene, verdict):
    print("--- what was done")
    print("\n".join(scene.timeline.lines))
    print("---")
    violations = verdict.violations if verdict else []
    for violation in violations[:SHOWN_MAX]:
        print(f"FAIL {violation}")
    if len(violations) > SHOWN_MAX:
        print(f"... and {len(violations) - SHOWN_MAX} more")
    print(f"seed {scene.plan.seed}; the logs are in {scene.stack.dir}/log")


def _table(scene, verdict):
    size, counts = scene.plan.size, scene.timeline.counts
    print(f"{size.dialogs} dialogs, {verdict.counts['to Avito']} messages to "
          f"Avito, {verdict.counts['to Telegram']} to Telegram, "
          f"{size.seconds} s, drained in {scene.drained_s:.0f} s")
    for title, names in (("killed", ACTORS), ("betrayed", BETRAYALS)):
        print(f"| {title} | times |\n| --- | ---: |")
        for name in names:
            print(f"| {name} | {counts[name]} |")
    print("| found | messages |\n| --- | ---: |")
    for name in RESULTS:
        print(f"| {name} | {verdict.counts[name]} |")
    print(f"| copies at Telegram | {verdict.counts['Telegram copies']} |")
    print("| joined messages at Telegram | "
          f"{verdict.counts['joined at Telegram']} |")
    print(f"| unsure sends to Telegram | {scene.unsure} |")
    for name in sorted(verdict.counts):
        if name.startswith("robot: "):
            print(f"| texts that went by themselves, {name[7:]} | "
                  f"{verdict.counts[name]} |")
    for name in sorted(counts):
        if name.startswith("log: "):
            print(f"error {name}: {counts[name]}")

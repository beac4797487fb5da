"""report.py - the results for a person."""


def _row(*cells):
    print("  " + "".join(f"{cell:<20}" if i == 0 else f"{cell:>12}"
                         for i, cell in enumerate(cells)))


def _verdict(good):
    return "" if good else "  (missed)"


def _load(results):
    print("Webhooks through nginx beside pgbench with the same SQL "
          "(daemon stopped)")
    _row("", "connections", "requests/s", "p50 ms", "p99 ms", "pgbench/s",
         "ratio", "by time")
    for r in results:
        _row(r["webhook"], f"{r['connections']:.0f}", f"{r['per_s']:.0f}",
             f"{r['p50_ms']:.2f}", f"{r['p99_ms']:.2f}",
             f"{r['pgbench_per_s']:.0f}", f"{r['ratio']:.2f}",
             f"{r['cpu_ratio']:.2f}")
    print("  processor time for a request and, behind it, for a transaction"
          " of pgbench, us")
    _row("", "connections", "web", "nginx", "PostgreSQL", "Redis", "wrk",
         "PostgreSQL", "pgbench")
    for r in results:
        web, sql = r["cpu_us"], r["pgbench_cpu_us"]
        _row(r["webhook"], f"{r['connections']:.0f}", f"{web['web']:.0f}",
             f"{web['nginx']:.0f}", f"{web['postgres']:.0f}",
             f"{web['redis']:.0f}", f"{web['load']:.0f}",
             f"{sql['postgres']:.0f}", f"{sql['load']:.0f}")
    at_16 = [r["ratio"] for r in results if r["connections"] == 16]
    print(f"  aim at 16 connections: 0.50 or more{_verdict(min(at_16) >= 0.5)}")


def _with_daemon(results):
    print("Webhooks while the daemon delivers to the sandbox")
    _row("", "connections", "requests/s", "p50 ms", "p99 ms", "delivered/s",
         "after it")
    for r in results:
        _row(r["webhook"], f"{r['connections']:.0f}", f"{r['per_s']:.0f}",
             f"{r['p50_ms']:.2f}", f"{r['p99_ms']:.2f}",
             f"{r['delivered_per_s']:.0f}", f"{r['drained_per_s']:.0f}")


def _relay(results):
    print("Relay when idle, webhook to request")
    _row("", "messages", "p50 ms", "p99 ms", "max ms")
    for r in results:
        _row(r["way"], r["messages"], f"{r['p50_ms']:.2f}",
             f"{r['p99_ms']:.2f}", f"{r['max_ms']:.2f}")
    good = all(r["p50_ms"] < 5 and r["p99_ms"] < 25 for r in results)
    print(f"  aim: p50 below 5 ms, p99 below 25 ms{_verdict(good)}")


def _memory(results):
    print("Memory of all our processes, PSS in MB")
    _row("", "sum", "master", "workers", "daemon", "(count)")
    for r in results:
        parts = r["parts_mb"]
        _row(r["when"], f"{r['sum_mb']:.1f}", f"{parts['master']:.1f}",
             f"{parts['workers']:.1f}", f"{parts['daemon']:.1f}",
             r["workers_count"])
    print(f"  aim when idle: below 40 MB{_verdict(results[0]['sum_mb'] < 40)}")


def _webhooks(results):
    _load(results["load"])
    print()
    _with_daemon(results["load_with_daemon"])
    print()
    _relay(results["relay"])
    print()
    _memory(results["memory"])


def _engine(results):
    e = results["engine"]
    print(f"Deliveries to {e['dialogs']} buyers of {e['accounts']} Avito "
          "accounts, one daemon")
    _row("", "messages/s", "in flight", "daemon %", "PostgreSQL %",
         "sandbox %", "us each", "bare calls", "PSS MB", "RSS peak")
    drain = e["waiting"]
    for name, r in [(f"answers in {r['late_ms']} ms", r)
                    for r in e["late"]] + [("what has waited", drain)]:
        cpu = r["cpu_percent"]
        _row(name, f"{r['per_s']:.0f}", r["in_flight"],
             f"{cpu['daemon']:.0f}", f"{cpu['postgres']:.0f}",
             f"{cpu['sandbox']:.0f}", f"{r['cpu_us']:.0f}",
             f"{r['cpu_us'] / e['bare_us']:.1f}", f"{r['pss_mb']:.1f}",
             f"{r['rss_peak_mb']:.1f}")
    fast, slow = e["late"]
    good = fast["per_s"] >= 1500 and slow["per_s"] >= 900 and \
        slow["in_flight"] >= 256 and \
        max(r["rss_peak_mb"] for r in (fast, slow, drain)) < 30
    print("  aim: 1500 messages/s with answers in 50 ms, 900 and 256 in "
          f"flight in 250 ms, memory below 30 MB{_verdict(good)}")
    print(f"{drain['messages']} deliveries wait for a dead service, percent "
          "of a core")
    _row("", "daemon", "PostgreSQL", "calls/s")
    for name in ("silent", "refused"):
        r = drain[name]
        _row(name, f"{r['cpu_percent']['daemon']:.1f}",
             f"{r['cpu_percent']['postgres']:.1f}",
             f"{r['calls_per_s']:.1f}")
    print(f"  it came back: all of them had arrived {drain['drained_s']:.0f} "
          f"s later; in all lost {e['lost']}, twice {e['twice']}, dialogs "
          f"out of order {e['disorder']}")
    good = all(drain[n]["cpu_percent"]["daemon"] < 2
               for n in ("silent", "refused"))
    print(f"  aim: daemon below 2, 0 lost, twice or out of order"
          f"{_verdict(good and not e['lost'] + e['twice'] + e['disorder'])}")


def _accounts(results):
    r = results["accounts"]
    cpu = r["cpu_percent"]
    print(f"{r['accounts']} monitored Avito accounts with {r['chats']} chats "
          "each, nothing happens")
    _row("", "polls/s", "spread", "daemon", "PostgreSQL", "sandbox",
         "walked, s")
    _row("percent of a core", f"{r['polls_per_s']:.0f}",
         f"{r['spread']:.2f}", f"{cpu['daemon']:.1f}",
         f"{cpu['postgres']:.1f}", f"{cpu['sandbox']:.1f}",
         f"{r['walked_s']:.1f}")
    good = cpu["daemon"] < 15 and r["spread"] < 3
    print("  aim: daemon below 15, spread (fullest tenth of a second by the "
          f"mean one) below 3{_verdict(good)}")


def _answers(load):
    return ", ".join(f"{n} x {answer}" for answer, n in
                     sorted(load["answers"].items()))


def _people(people):
    within = [p for p in people if p["s"] is not None]
    text = f"{len(within)} of {len(people)} people in"
    if within:
        tries = sorted(p["tries"] for p in within)
        took = sorted(p["s"] for p in within)
        text += (f", {tries[len(tries) // 2]} tries and "
                 f"{took[len(took) // 2]:.1f} s in the middle, "
                 f"{tries[-1]} and {took[-1]:.1f} s at most")
    return text


def _signin(results):
    """Each flood beside none."""
    r = results["signin"]
    alone = next(iter(r.values()))
    print("Webhooks, pages and API while the sign-in is flooded")
    _row("", "", "requests/s", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio",
         "not 2xx")
    for name, phase in r.items():
        for load in ("webhooks", "pages", "api"):
            mine, other = phase[load], alone[load]
            _row(name, load, f"{mine['per_s']:.0f}", f"{mine['p50_ms']:.2f}",
                 f"{mine['p99_ms']:.2f}",
                 f"{mine['p50_ms'] / other['p50_ms']:.2f}",
                 f"{mine['p99_ms'] / other['p99_ms']:.2f}",
                 sum(n for answer, n in mine["answers"].items()
                     if answer[0] != "2") + mine["broken"])
    print("  what the flood is told, and who comes in all the same")
    _row("", "tries/s", "hashed/s", "at once", "web MB", "web %", "nginx %",
         "PostgreSQL %")
    for name, phase in r.items():
        flood, cpu = phase.get("flood"), phase["cpu_percent"]
        tries = sum(flood["answers"].values()) if flood else 1
        _row(name, f"{flood['per_s']:.0f}" if flood else "-",
             f"{flood['per_s'] * flood['answers'].get('401', 0) / tries:.1f}"
             if flood else "-", phase["hashes_at_once"],
             f"{phase['memory_mb']:.0f}",
             *(f"{cpu[p]:.0f}" for p in ("web", "nginx", "postgres")))
        if flood:
            print(f"    {_answers(flood)}")
        print(f"    {_people(phase['people'])}")


# By what of the results each needs.
_PARTS = {"load": _webhooks, "signin": _signin, "engine": _engine,
          "accounts": _accounts}


def show(results):
    m = results["machine"]
    print(f"{m['cores']} cores; PostgreSQL {m['postgres']}, fsync "
          f"{m['fsync']}, synchronous_commit {m['synchronous_commit']}; "
          f"{m['seconds']} s a load")
    for name, part in _PARTS.items():
        if name in results:
            print()
            part(results)

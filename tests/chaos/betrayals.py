"""betrayals.py - Avito and Telegram break their word, by the sandbox."""


class Betrayals:
    """door: the sandbox's port that can be shut (docs/SANDBOX.md)."""

    def __init__(self, stack, accounts, door, skew_s, timeline):
        self._stack = stack
        self._sandbox = stack.sandbox
        self._accounts = accounts
        self._door = door
        self._timeline = timeline
        self._skew_s = skew_s

    def begin(self, betrayal):
        """What end() needs; None when it is over at once."""
        if betrayal.name == "connection refused":
            self._timeline.add("begin: connection refused")
            self._sandbox.patch(f"doors/{self._door}", open=False)
            return betrayal, None
        if betrayal.name == "expired token":
            self._expire(betrayal)
            return None
        if betrayal.name == "clock skew":
            self._skew(betrayal)
            return None
        rule = betrayal.rule
        self._timeline.add(
            f"begin: {betrayal.name}, {rule['service']} {rule['method']}" +
            (", processed" if rule.get("processed") else ""))
        return betrayal, self._sandbox.fault(**rule)

    def end(self, begun):
        betrayal, rule = begun
        if rule is None:
            self._sandbox.patch(f"doors/{self._door}", open=True)
            self._timeline.count(betrayal.name)
            self._timeline.add("end: connection refused")
            return
        faults = self._sandbox.get("faults")["faults"]
        hits = next(f.get("hits", 0) for f in faults if f["id"] == rule)
        self._sandbox.end_fault(rule)
        self._timeline.count(betrayal.name, hits)
        self._timeline.add(f"end: {betrayal.name}, {hits} calls")

    def _expire(self, betrayal):
        account = self._accounts[int(betrayal.luck * len(self._accounts))]
        self._sandbox.post(f"avito/accounts/{account}/expire_tokens")
        self._timeline.count(betrayal.name)
        self._timeline.add(f"expired token: {account}")

    def _skew(self, betrayal):
        """Forward: no service's clock makes an old message newer."""
        self._skew_s += 1 + betrayal.luck * 20
        self._stack.skew_clock("sandbox", self._skew_s)
        self._timeline.count(betrayal.name)
        self._timeline.add("clock skew: the services' clock jumps")

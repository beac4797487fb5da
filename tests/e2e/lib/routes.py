"""routes.py - the routing table, as tuberry-web tells it."""

import subprocess
from collections import namedtuple

from lib.stack import program

# needs and body are the words of --list-routes, as in src/web/routes.h.
Route = namedtuple("Route", "method path needs body")


def routes():
    """In the table's order."""
    listed = subprocess.run([program("tuberry-web"), "--list-routes"],
                            stdout=subprocess.PIPE, text=True, check=True)
    return [Route(*line.split()) for line in listed.stdout.splitlines()]

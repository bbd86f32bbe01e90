"""Commands behind the Makefile.

python3 -m dev.bootstrap demo [FILE ...] | stop | test [PYTEST_ARGUMENT ...] | services | bench [--quick] |
soak [files|imports|outages] [--count N]."""

from __future__ import annotations

import sys

from dev.bootstrap import bench, demo, portal, postgres, services, tests
from dev.bootstrap.common import say, version


def main(arguments: list[str]) -> int:
    """Run one command."""
    command, *rest = arguments or ["help"]
    if command == "demo":
        demo.demo(version(), rest)
    elif command == "stop":
        stopped = [*demo.stop_portal(), *services.stop_all(), *(["postgresql"] if postgres.stop_cluster() else [])]
        say(f"stopped: {', '.join(stopped) or 'nothing was running'}")
    elif command == "test":
        return tests.test(rest)
    elif command == "bench":
        return bench.bench(rest)
    elif command == "soak":
        return bench.soak(rest)
    elif command == "services":
        say(f"ready: {portal.prepare(version(), 'test')}")
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The table of attacks: ``python -m tests.attacks``."""

from __future__ import annotations

from typing import Any

from tests.attacks.runner import BOUND, growth, hidden, run
from tests.attacks.xml import ATTACKS


def outcome(found: dict[str, Any]) -> str:
    """What came of an attack, in a few words."""
    if found["code"]:
        limit = found["params"].get("limit")
        return f"`{found['code']}`" + (f" ({limit})" if limit else "")
    said = [f"`{code}`" for code in found["findings"]]
    gone = [f"{name} hidden" for name in hidden(found)]
    return "taken" + (f": {', '.join(said + gone)}" if said or gone else ", harmless")


def main() -> None:
    print("| attack | what came of it | peak memory over an innocent file, MiB |\n|---|---|---|")
    for attack in ATTACKS:
        found = run(attack)
        over = growth(found)
        print(
            f"| {attack.name} | {outcome(found)} | {over / 1024:.0f}{' **!**' if over > BOUND else ''} |", flush=True
        )


if __name__ == "__main__":
    main()

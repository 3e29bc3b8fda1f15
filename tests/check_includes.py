#!/usr/bin/env python3
"""Fails when a file includes a room that its own room may not include (docs/architecture.md)."""
import pathlib
import re
import sys

BASE = {"base"}
CORE = {"core", "space", "numerics", "base"}
ALLOWED = {
    "base": BASE,
    "numerics": {"numerics"} | BASE,
    "space": {"space"} | BASE,
    "core": CORE,
    "engine": {"engine"} | CORE,
    "report": {"report"} | CORE,
    "optuna": {"optuna", "engine"} | CORE,
    "server": {"server", "engine", "report", "optuna"} | CORE,
    "exchange": {"exchange", "optuna", "engine"} | CORE,
    "cli": {"cli", "engine", "report", "exchange", "executors"} | CORE,
}
IMPLEMENTATIONS = {
    "samplers", "pruners", "schedules", "storage", "executors", "workloads", "science",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"trimtab/([^"]+)"')


def check(root: pathlib.Path) -> list[str]:
    problems = []
    for path in sorted((root / "trimtab").rglob("*.[ch]pp")):
        parts = path.relative_to(root / "trimtab").parts
        room = parts[0]
        is_test = path.stem.endswith(("_test", "_bench", "_fuzz"))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1).split("/")
            if room in IMPLEMENTATIONS:
                own_folder = target[:2] == list(parts[:2])
                # A room's own tests, those in no folder of it, see all of its implementations.
                is_of_room = is_test and len(parts) == 2 and target[0] == room
                allowed = own_folder or is_of_room or target[0] in CORE
            else:
                allowed = target[0] in ALLOWED.get(room, set())
                # A format's folder sees the room's own files, but no other format.
                if room == "exchange" and target[0] == room and len(target) == 3:
                    allowed = target[1] == parts[1]
            # Tests of the engine may use the real storages, samplers and executors.
            if is_test and room in {"engine", "report", "optuna", "exchange", "cli", "server"}:
                allowed = True
            if not allowed:
                problems.append(f"{path.relative_to(root)}:{number}: {room} may not include {match.group(1)}")
    return problems


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "includes: every edge is allowed")
    sys.exit(1 if found else 0)

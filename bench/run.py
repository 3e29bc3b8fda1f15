#!/usr/bin/env python3
"""Runs the figures of Trimtab and of Optuna one after the other and prints them side by side."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess

ROWS = [
    ("tpe_ask_1000", "TPE ask at 1 000 trials, 20 mixed parameters", "lower"),
    ("tpe_ask_10000", "TPE ask at 10 000 trials", "lower"),
    ("tpe_ask_100000", "TPE ask at 100 000 trials", "lower"),
    ("tpe_tell_10000", "TPE tell at 10 000 trials", "lower"),
    ("memory_ask_tell", "random ask + tell, memory", "higher"),
    ("disk_sync", "one fdatasync of 8 KiB on this disk", "lower"),
    ("durable_tell_threads_1", "durable tell, SQLite, 1 thread", "higher"),
    ("durable_tell_threads_8", "durable tell, SQLite, 8 threads", "higher"),
    ("postgresql_tell_threads_1", "durable tell, PostgreSQL, 1 thread", "higher"),
    ("postgresql_tell_threads_8", "durable tell, PostgreSQL, 8 threads", "higher"),
    ("open_100000", "open 100 000 trials x 20 parameters", "lower"),
    ("open_100000_memory", "memory of that", "lower"),
    ("open_2000", "open 2 000 trials x 20 parameters", "lower"),
    ("process_trial", "one process trial of /bin/true", "lower"),
    ("process_bare_spawn", "posix_spawn + wait of /bin/true", "lower"),
    ("process_overhead", "difference of the two", "lower"),
]


def figures(command):
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {row["name"]: row for row in map(json.loads, lines)}


def cell(row):
    return "–" if row is None else f"{row['value']:.4g} {row['unit']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="build folder with the bench programs")
    parser.add_argument("--peers", required=True, help="python of the peers' environment")
    parser.add_argument("--output", required=True, help="folder for scratch files and figures.json")
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).parent
    output = pathlib.Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    ours = figures([f"{arguments.build}/bench/bench_figures", str(output / "trimtab")])
    theirs = figures([arguments.peers, str(here / "peers" / "optuna_figures.py"), str(output / "optuna")])
    version = theirs.get("version", {}).get("value", "?")
    print(f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Optuna {version}\n")
    print(f"| what | Trimtab | Optuna {version} | ratio |\n|---|---|---|---|")
    for name, text, better in ROWS:
        a, b = ours.get(name), theirs.get(name)
        ratio = "–"
        if a and b and a["value"] and b["value"]:
            ratio = f"{b['value'] / a['value'] if better == 'lower' else a['value'] / b['value']:.0f} x"
        if a or b:
            print(f"| {text} | {cell(a)} | {cell(b)} | {ratio} |")
    (output / "figures.json").write_text(json.dumps({"trimtab": ours, "optuna": theirs}, indent=1))


if __name__ == "__main__":
    main()

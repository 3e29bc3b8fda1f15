#!/usr/bin/env python3
"""Runs samplers of Trimtab and of peers on one set of problems; one JSON line per run, appended to a file.

A run that the file has already is not made again, so that it may be stopped and continued at any time. The order is
seed by seed, so that whatever has been done is paired. Read the file with `bench_efficiency`.
"""
import argparse
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tpe_quality"))
import peers  # noqa: E402


class Evaluator:
    """A formula problem of bench_tpe_quality."""

    def __init__(self, program, name):
        self.process = subprocess.Popen([program, "evaluate", name], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, point):
        plain = {n: v.item() if hasattr(v, "item") else v for n, v in point.items()}
        self.process.stdin.write(json.dumps(plain) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def formulas(program):
    listing = subprocess.run([program, "list"], capture_output=True, text=True, check=True)
    for problem in map(json.loads, listing.stdout.splitlines()):
        yield {**problem, "suite": "formulas", "loss": Evaluator(program, problem["name"])}


def recorded():
    import recorded_problems
    for problem in recorded_problems.load():
        yield {**problem, "suite": "recorded", "is_fitted": False}


def ours(program, name, problem, budget, seed):
    """Points of `bench_tpe_quality serve`; the time holds a round trip through a pipe."""
    sampler, _, options = name.partition(":")
    server = subprocess.Popen([program, "serve", sampler, str(budget), str(seed), options or "{}"], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    server.stdin.write(json.dumps(problem["definition"]) + "\n")
    server.stdin.flush()
    losses, clock = [], peers.Clock()
    for line in server.stdout:
        clock.stop()
        losses.append(problem["loss"](json.loads(line)))
        clock.start()
        server.stdin.write(json.dumps(losses[-1]) + "\n")
        server.stdin.flush()
    server.wait()
    return losses, clock.seconds


def run(program, contestant, problem, budget, seed):
    if contestant.startswith("trimtab:"):
        losses, seconds = ours(program, contestant[8:], problem, budget, seed)
    else:
        losses, seconds = peers.PEERS[contestant](problem["definition"], problem["loss"], budget, seed)
    best = [min(losses[:i + 1]) for i in range(len(losses))]
    best += best[-1:] * (budget - len(best))  # a finite space was exhausted
    version = "" if contestant.startswith("trimtab:") else importlib.metadata.version(peers.PACKAGES[contestant])
    ordered = sorted(seconds)
    return {"curve": best, "ask_median": ordered[len(ordered) // 2], "ask_largest": ordered[-1],
            "ask_total": sum(seconds), "version": version}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="path of bench_tpe_quality")
    parser.add_argument("output", help="file of JSON lines that is continued")
    parser.add_argument("contestants", help="comma-separated: trimtab:SAMPLER or " + ", ".join(peers.PEERS))
    parser.add_argument("--suite", choices=["formulas", "recorded"], default="formulas")
    parser.add_argument("--budget", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--hours", type=float, default=1e9, help="begin no further run after this time")
    parser.add_argument("--only", default="", help="only problems whose name contains this")
    parser.add_argument("--every", type=int, default=1, help="only every so manieth problem, for a small version")
    arguments = parser.parse_args()
    output = pathlib.Path(arguments.output)
    lines = output.read_text().splitlines() if output.exists() else []
    done = {(r["contestant"], r["problem"], r["seed"]) for r in map(json.loads, lines)}
    problems = list(formulas(arguments.program) if arguments.suite == "formulas" else recorded())
    problems = [p for p in problems if arguments.only in p["name"]][::arguments.every]
    start = time.monotonic()
    with output.open("a") as file:
        for seed in range(arguments.seeds):
            for contestant in arguments.contestants.split(","):
                for problem in problems:
                    if (contestant, problem["name"], seed) in done:
                        continue
                    if time.monotonic() - start > 3600 * arguments.hours:
                        return
                    row = run(arguments.program, contestant, problem, arguments.budget, seed)
                    row = {"contestant": contestant, "suite": problem["suite"], "problem": problem["name"],
                           "best": problem["best"], "is_fitted": problem["is_fitted"], "seed": seed, **row}
                    file.write(json.dumps(row) + "\n")
                    file.flush()


if __name__ == "__main__":
    main()

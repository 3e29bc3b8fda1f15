#!/usr/bin/env python3
"""Runs a sampler on the formula problems with beliefs about the optimum; one JSON line per problem and seed.

Kinds of belief: none; good (every number normal around its value at the best known point, off by a
twentieth of the range, with a deviation of a tenth; the right choice three times as likely); wrong
(around the end of the range that is farther from the best; that choice a third as likely).
The best known point is the best of 200 trials of gp.
"""
import argparse
import json
import math
import random
import subprocess


def trials(program, definition, sampler, budget, seed, evaluate):
    """Points and losses of `bench_tpe_quality serve`."""
    name, _, options = sampler.partition(":")
    server = subprocess.Popen([program, "serve", name, str(budget), str(seed), options or "{}"],
                              text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    server.stdin.write(json.dumps(definition) + "\n")
    server.stdin.flush()
    found = []
    for line in server.stdout:
        found.append((evaluate(line.strip()), json.loads(line)))
        server.stdin.write(json.dumps(found[-1][0]) + "\n")
        server.stdin.flush()
    server.wait()
    return found


def believed(definition, best, kind, rng):
    result = {}
    for name, entry in definition.items():
        entry = dict(entry)
        bounds = entry.get("float") or entry.get("int")
        if kind != "none" and name in best and bounds:
            low, high = map(math.log, bounds) if entry.get("log") else bounds
            at = math.log(best[name]) if entry.get("log") else best[name]
            if kind == "good":
                mean = min(high, max(low, at + rng.choice([-0.05, 0.05]) * (high - low)))
            else:
                mean = low if at - low > high - at else high
            entry["prior"] = {"normal": [mean, 0.1 * (high - low)]}
        elif kind != "none" and name in best and "choice" in entry:
            right, other = (3, 1) if kind == "good" else (1, 3)
            entry["prior"] = {"weights": [right if c == best[name] else other for c in entry["choice"]]}
        result[name] = entry
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program", help="path of bench_tpe_quality")
    parser.add_argument("sampler", help="NAME or NAME:OPTIONS")
    parser.add_argument("kind", choices=["none", "good", "wrong"])
    parser.add_argument("budget", type=int)
    parser.add_argument("seeds", type=int)
    arguments = parser.parse_args()
    listing = subprocess.run([arguments.program, "list"], capture_output=True, text=True, check=True)
    for problem in map(json.loads, listing.stdout.splitlines()):
        evaluator = subprocess.Popen([arguments.program, "evaluate", problem["name"]], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def evaluate(point):
            evaluator.stdin.write(point + "\n")
            evaluator.stdin.flush()
            return json.loads(evaluator.stdout.readline())

        definition = problem["definition"]
        best = min(trials(arguments.program, definition, "gp", 200, 1000, evaluate),
                   key=lambda trial: trial[0])[1]
        for seed in range(arguments.seeds):
            belief = believed(definition, best, arguments.kind, random.Random(seed))
            found = trials(arguments.program, belief, arguments.sampler, arguments.budget, seed, evaluate)
            curve = [min(loss for loss, _ in found[:i + 1]) for i in range(len(found))]
            print(json.dumps({"problem": problem["name"], "seed": seed, "curve": curve}), flush=True)
        evaluator.stdin.close()
        evaluator.wait()


if __name__ == "__main__":
    main()

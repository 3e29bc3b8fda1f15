#!/usr/bin/env python3
"""Compares a sampler of Trimtab with peers on the problems of bench_tpe_quality.

Score of a run: log10 of its regret over the median regret of random search at the same budget,
floored at -3. Runs are paired by problem and seed. Tests are two-sided: Wilcoxon's signed ranks and
the sign test, per problem (Holm over problems) and over the problems' means. Effect: matched-pairs rank-biserial
correlation, +1 when ours wins every pair.
"""
import argparse
import collections
import itertools
import json
import math
import pathlib
import statistics

FLOOR = 1e-3


def read(path):
    runs = collections.defaultdict(dict)
    for line in pathlib.Path(path).read_text().splitlines():
        row = json.loads(line)
        runs[row["problem"]][row["seed"]] = row["curve"]
    return runs


def sign_test(differences):
    nonzero = [d for d in differences if d != 0]
    n, k = len(nonzero), sum(d < 0 for d in nonzero)
    tail = sum(math.comb(n, i) for i in range(min(k, n - k) + 1)) / 2**n
    return min(1.0, 2 * tail)


def signed_ranks(differences):
    """Two-sided p of Wilcoxon's test: exact to n = 20 without ties, else the normal approximation."""
    nonzero = sorted((d for d in differences if d != 0), key=abs)
    n = len(nonzero)
    if n == 0:
        return 1.0
    ranks, ties, at = [], 0.0, 0
    for _, group in itertools.groupby(nonzero, key=abs):
        size = len(list(group))
        ranks += [at + (size + 1) / 2] * size
        ties += size**3 - size
        at += size
    positive = sum(r for r, d in zip(ranks, nonzero) if d > 0)
    if ties == 0 and n <= 20:
        counts = [1]
        for rank in range(1, n + 1):
            longer = counts + [0] * rank
            for i, count in enumerate(counts):
                longer[i + rank] += count
            counts = longer
        low = int(min(positive, n * (n + 1) / 2 - positive))
        return min(1.0, 2 * sum(counts[: low + 1]) / 2**n)
    mean = n * (n + 1) / 4
    deviation = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    return math.erfc(max(0.0, abs(positive - mean) - 0.5) / deviation / math.sqrt(2))


def rank_biserial(differences):
    """Effect size of paired runs: (ranks won - ranks lost) / all ranks, +1 = ours is always better."""
    nonzero = sorted((d for d in differences if d != 0), key=abs)
    won, total, at = 0.0, 0.0, 0
    for _, group in itertools.groupby(nonzero, key=abs):
        group = list(group)
        rank = at + (len(group) + 1) / 2
        won += rank * sum(1 if d < 0 else -1 for d in group)
        total += rank * len(group)
        at += len(group)
    return won / total if total else 0.0


def holm(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, largest = [0.0] * len(values), 0.0
    for position, index in enumerate(order):
        largest = max(largest, min(1.0, values[index] * (len(values) - position)))
        adjusted[index] = largest
    return adjusted


def scores(runs, problem, best, scale, budget, seeds):
    return [math.log10(max((runs[problem][s][budget - 1] - best) / scale, FLOOR)) for s in seeds]


def compare(problems, ours, theirs, noise, budget, label):
    rows = []
    for problem in problems:
        name, best = problem["name"], problem["best"]
        seeds = sorted(set(ours[name]) & set(theirs[name]))
        scale = statistics.median(c[budget - 1] for c in noise[name].values()) - best
        mine = scores(ours, name, best, scale, budget, seeds)
        peer = scores(theirs, name, best, scale, budget, seeds)
        differences = [a - b for a, b in zip(mine, peer)]
        rows.append({"name": name, "is_fitted": problem["is_fitted"], "num_seeds": len(seeds),
                     "mine": statistics.mean(mine), "peer": statistics.mean(peer),
                     "wins": sum(d < 0 for d in differences), "losses": sum(d > 0 for d in differences),
                     "wilcoxon": signed_ranks(differences), "sign": sign_test(differences),
                     "effect": rank_biserial(differences)})
    for row, adjusted in zip(rows, holm([row["wilcoxon"] for row in rows])):
        row["holm"] = adjusted
    print(f"\n### Against {label}, {budget} trials, {rows[0]['num_seeds']} seeds\n")
    print("| problem | constants fitted on it | ours | peer | wins:losses | effect | Wilcoxon p | Holm | sign p |")
    print("|---|---|---|---|---|---|---|---|---|")
    for r in rows:
        print(f"| {r['name']} | {'yes' if r['is_fitted'] else 'no'} | {r['mine']:.2f} | {r['peer']:.2f} "
              f"| {r['wins']}:{r['losses']} | {r['effect']:+.2f} | {r['wilcoxon']:.3g} | {r['holm']:.3g} | {r['sign']:.3g} |")
    for part, chosen in (("all", rows), ("fitted", [r for r in rows if r["is_fitted"]]),
                         ("not fitted", [r for r in rows if not r["is_fitted"]])):
        if not chosen:
            continue
        differences = [r["mine"] - r["peer"] for r in chosen]
        print(f"\n{part}: {len(chosen)} problems, mean difference {statistics.mean(differences):+.3f} "
              f"(regret x {10 ** statistics.mean(differences):.2f}), better on "
              f"{sum(d < 0 for d in differences)}, Wilcoxon over problems p = "
              f"{signed_ranks(differences):.3g}, sign p = {sign_test(differences):.3g}")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("list", help="output of: bench_tpe_quality list")
    parser.add_argument("random", help="runs of random search, for the scale")
    parser.add_argument("ours", help="runs of: bench_tpe_quality run")
    parser.add_argument("peers", nargs="+", help="runs of optuna_curves.py or of another variant")
    parser.add_argument("--budgets", default="100,200")
    parser.add_argument("--output", help="write the rows as JSON")
    arguments = parser.parse_args()
    problems = [json.loads(line) for line in pathlib.Path(arguments.list).read_text().splitlines()]
    noise, ours = read(arguments.random), read(arguments.ours)
    result = {}
    for path in arguments.peers:
        label = pathlib.Path(path).stem
        for budget in map(int, arguments.budgets.split(",")):
            rows = compare(problems, ours, read(path), noise, budget, label)
            result[f"{label}@{budget}"] = rows
    if arguments.output:
        pathlib.Path(arguments.output).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

"""Simulates a server with a page cache and prints its mean latency.

Usage: server_benchmark.py --config FILE --requests N
"""
import argparse
import collections
import random
import re

PAGES = 20_000  # of 1 MiB
HIT_MS, MISS_MS = 0.05, 4.0


def read_config(path: str) -> dict:
    with open(path, encoding="utf-8") as file:
        return dict(re.findall(r"^(\w+)\s*=\s*(\S+)", file.read(), re.M))


def hit_rate(capacity: int, policy: str, requests: int) -> float:
    rng = random.Random(1)
    cache: collections.OrderedDict[int, int] = collections.OrderedDict()
    hits = 0
    for _ in range(requests):
        page = min(PAGES - 1, int(rng.paretovariate(0.6)))
        if page in cache:
            hits += 1
            cache[page] += 1
            if policy == "lru":
                cache.move_to_end(page)
            continue
        if len(cache) >= capacity:
            victim = next(iter(cache))
            if policy == "lfu":  # of the oldest eight
                victim = min((key for key, _ in zip(cache, range(8))), key=cache.__getitem__)
            del cache[victim]
        cache[page] = 1
    return hits / requests


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--requests", type=int, required=True)
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    threads = int(config["threads"])
    rate = hit_rate(int(config["cache"]), config["policy"], arguments.requests)
    service = rate * HIT_MS + (1.0 - rate) * MISS_MS
    latency = service * (1.0 + 8.0 / threads) + 0.02 * threads  # waiting in line, and for locks
    print(f"metrics: latency_ms={latency:.6f} hit_rate={rate:.6f}")


if __name__ == "__main__":
    main()

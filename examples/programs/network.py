"""Stands for a program that trains a network: a formula in place of the network, everything else as it would be.

Reads the whole point from TRIMTAB_PARAMS, reports a learning curve, and goes on from its checkpoint when it is tried
again. Usage: network.py --seed SEED --folder FOLDER
"""
import argparse
import json
import math
import os
import pathlib
import random

EPOCHS = 20


def quality(point: dict) -> float:
    """The accuracy this configuration reaches in the end; best near 1e-3, three layers, some dropout."""
    layers = [point[name] for name in sorted(point) if name.startswith("layers[") and name.endswith("units")]
    capacity = sum(math.log2(units) for units in layers)
    rate = abs(math.log10(point["learning_rate"]) + 3)
    return 0.97 - 0.04 * rate ** 2 - 0.0005 * (capacity - 24) ** 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    point = json.loads(os.environ["TRIMTAB_PARAMS"])
    checkpoint = pathlib.Path(arguments.folder) / "checkpoints" / "epoch"
    start = int(checkpoint.read_text()) if checkpoint.exists() else 0
    noise = random.Random(arguments.seed).gauss(0.0, 0.002)
    reached = min(0.999, max(0.1, quality(point) + noise))
    for epoch in range(start + 1, EPOCHS + 1):
        accuracy = reached * (1.0 - math.exp(-epoch / 4.0))
        print("trimtab:", json.dumps({"step": epoch, "accuracy": accuracy}))
        checkpoint.write_text(str(epoch))
    print("trimtab:", json.dumps({"accuracy": reached, "epochs": EPOCHS}))


if __name__ == "__main__":
    main()

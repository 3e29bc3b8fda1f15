"""Stands for a program that trains a forest: error and time follow formulas, so that it answers at once.

Usage: forest.py --trees N --depth N --min-leaf N --bootstrap true|false
"""
import argparse
import json
import math


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, required=True)
    parser.add_argument("--depth", type=int, required=True)
    parser.add_argument("--min-leaf", type=int, required=True)
    parser.add_argument("--bootstrap", choices=["true", "false"], required=True)
    arguments = parser.parse_args()
    bias = 0.30 * math.exp(-arguments.depth / 4.0) + 0.0005 * arguments.min_leaf
    variance = 0.15 * arguments.depth / (16.0 * math.sqrt(arguments.trees))
    if arguments.bootstrap == "false":
        variance *= 1.5
    seconds = 0.002 * arguments.trees * arguments.depth / math.sqrt(arguments.min_leaf)
    print("trimtab:", json.dumps({"error": 0.05 + bias + variance, "seconds": seconds}))


if __name__ == "__main__":
    main()

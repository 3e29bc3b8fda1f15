#!/usr/bin/env python3
"""Trains a classifier on the Wisconsin diagnostic breast-cancer table and says how good it is.

An ordinary program: it reads its arguments and prints a result. Nothing of it knows who calls.
The seed picks the cut into five folds, so a lucky cut does not pass for a good configuration.
"""
import argparse
import json

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=["svm", "forest", "logistic"], required=True)
    parser.add_argument("--C", type=float, default=1.0, help="svm, logistic: trust in the data")
    parser.add_argument("--gamma", type=float, default=1 / 30, help="svm: width of the kernel")
    parser.add_argument("--trees", type=int, default=100, help="forest: number of trees")
    parser.add_argument("--depth", type=int, default=10, help="forest: levels of each tree")
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args()


def classifier(arguments):
    if arguments.model == "forest":
        return RandomForestClassifier(
            arguments.trees, max_depth=arguments.depth, random_state=arguments.seed % 2**32)
    if arguments.model == "logistic":
        model = LogisticRegression(C=arguments.C, max_iter=1000)
    else:
        model = SVC(C=arguments.C, gamma=arguments.gamma)
    return make_pipeline(StandardScaler(), model)  # scaling is learned inside each fold


def main():
    arguments = read_arguments()
    x, y = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=arguments.seed % 2**32)
    scores = []
    for step, (train, test) in enumerate(folds.split(x, y), start=1):
        model = classifier(arguments).fit(x[train], y[train])
        scores.append(balanced_accuracy_score(y[test], model.predict(x[test])))
        mean = sum(scores) / len(scores)
        print("trimtab:", json.dumps({"step": step, "balanced_accuracy": mean}), flush=True)
    print("trimtab:", json.dumps({"balanced_accuracy": mean, "worst_fold": min(scores)}))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Scores scikit-learn's classifiers with their usual settings on given folds.

Reads JSON: {"x": rows, "label": classes, "folds": [{"train": rows, "test": rows}, ...],
             "models": [names]}.
Writes JSON: {"version": ..., model: {"auc": per fold, "balanced_accuracy": per fold, "seconds": all folds}}.
"""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

MODELS = {
    "logistic": lambda seed: LogisticRegression(max_iter=1000),
    "tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "forest": lambda seed: RandomForestClassifier(100, random_state=seed),
    "boosting": lambda seed: GradientBoostingClassifier(random_state=seed),
    "svm": lambda seed: SVC(),
    "neighbours": lambda seed: KNeighborsClassifier(),
    "network": lambda seed: MLPClassifier((32,), learning_rate_init=1e-2, max_iter=40, batch_size=32, random_state=seed),
}


def score_of(model, x):
    if hasattr(model[-1], "predict_proba") and not isinstance(model[-1], SVC):
        return model.predict_proba(x)[:, 1]
    return model.decision_function(x)


def main():
    job = json.load(sys.stdin)
    x, label = np.array(job["x"], float), np.array(job["label"])
    result = {"version": sklearn.__version__}
    for name in job["models"]:
        auc, balanced = [], []
        start = time.perf_counter()
        for seed, fold in enumerate(job["folds"]):
            train, test = fold["train"], fold["test"]
            model = make_pipeline(StandardScaler(), MODELS[name](seed)).fit(x[train], label[train])
            balanced.append(balanced_accuracy_score(label[test], model.predict(x[test])))
            auc.append(roc_auc_score(label[test], score_of(model, x[test])))
        result[name] = {"auc": auc, "balanced_accuracy": balanced, "seconds": time.perf_counter() - start}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    import warnings
    warnings.simplefilter("ignore")
    main()

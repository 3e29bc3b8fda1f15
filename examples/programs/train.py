"""Cross-validates a support vector machine on the Wisconsin diagnostic breast-cancer table (needs scikit-learn).

Usage: train.py --C C --kernel rbf|poly|linear [--gamma G] [--degree D] --seed SEED
"""
import argparse
import json

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--C", type=float, required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--gamma", type=float, default=1.0)
    parser.add_argument("--degree", type=int, default=3)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    features, labels = load_breast_cancer(return_X_y=True)
    model = make_pipeline(
        StandardScaler(),
        SVC(C=arguments.C, kernel=arguments.kernel, gamma=arguments.gamma, degree=arguments.degree))
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=arguments.seed)
    scores = cross_val_score(model, features, labels, cv=folds, scoring="roc_auc")
    print("trimtab:", json.dumps({"auc": scores.mean(), "auc_spread": scores.std()}))


if __name__ == "__main__":
    main()

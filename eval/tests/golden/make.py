"""Writes metrics.json beside this file: what scikit-learn and SciPy say about fixed and seeded predictions.

Run:  python eval/tests/golden/make.py
Needs numpy, scikit-learn and SciPy; their versions are recorded in the file.

A metric for which the library has no value (NaN, an exception, or a substitute for 0/0) is listed under "undefined"
and expected to be 0, which is this crate's convention.
"""

import json
import math
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.default_rng(20220523)
cases = []


def defined(value):
    """The library's value, or None where it has none."""
    value = float(value)
    return None if math.isnan(value) else value


def add(name, inputs, values):
    cases.append({
        "name": name,
        **inputs,
        "expected": {metric: 0.0 if value is None else value for metric, value in values.items()},
        "undefined": [metric for metric, value in values.items() if value is None],
    })


def classes(name, predicted, reference, labels=2, positive=1):
    predicted, reference = [int(p) for p in predicted], [int(r) for r in reference]
    # The library answers 0 for an undefined coefficient; its denominator vanishes exactly if a side has one class.
    mcc_defined = len(set(predicted)) > 1 and len(set(reference)) > 1
    mcc = metrics.matthews_corrcoef(reference, predicted)
    assert mcc_defined or mcc == 0.0
    f1 = metrics.f1_score(reference, predicted, labels=[positive], average=None, zero_division=np.nan)[0]
    add(name, {"kind": "classes", "labels": labels, "positive": positive, "predicted": predicted, "reference": reference}, {
        "accuracy": defined(metrics.accuracy_score(reference, predicted)),
        "f1": defined(f1),
        "mcc": defined(mcc) if mcc_defined else None,
        "macro-f1": defined(metrics.f1_score(reference, predicted, average="macro")),
    })


def values(name, predicted, reference):
    # Rounded to float32, the crate's input, before the libraries see them in float64.
    predicted, reference = (np.asarray(side, np.float32).astype(np.float64) for side in (predicted, reference))
    if len(predicted) < 2:
        pearson = spearman = math.nan
    else:
        pearson = stats.pearsonr(predicted, reference).statistic
        spearman = stats.spearmanr(predicted, reference).statistic
    add(name, {"kind": "values", "predicted": predicted.tolist(), "reference": reference.tolist()}, {
        "pearson": defined(pearson),
        "spearman": defined(spearman),
        "mse": defined(metrics.mean_squared_error(reference, predicted)),
    })


def noisy(reference, labels, wrong):
    """The reference with a part `wrong` of its rows drawn anew."""
    drawn = random.integers(labels, size=len(reference))
    return np.where(random.random(len(reference)) < wrong, drawn, reference)


def main():
    balanced = random.integers(2, size=40)
    classes("binary balanced", noisy(balanced, 2, 0.4), balanced)
    classes("binary balanced, positive 0", noisy(balanced, 2, 0.4), balanced, positive=0)
    classes("binary chance", random.integers(2, size=60), random.integers(2, size=60))
    rare = (random.random(200) < 0.03).astype(int)
    classes("binary, few positive", noisy(rare, 2, 0.1), rare)
    classes("binary, few negative", noisy(1 - rare, 2, 0.1), 1 - rare)
    classes("binary, perfect", balanced, balanced)
    classes("binary, all wrong", 1 - balanced, balanced)
    classes("binary, all predicted positive", np.ones(40), balanced)
    classes("binary, all predicted negative", np.zeros(40), balanced)
    classes("binary, reference all positive", balanced, np.ones(40))
    classes("binary, reference all negative", balanced, np.zeros(40))
    classes("binary, both all positive", np.ones(5), np.ones(5))
    classes("binary, both all negative", np.zeros(5), np.zeros(5))
    classes("binary, one class each, opposite", np.zeros(5), np.ones(5))
    classes("one row, right", [1], [1])
    classes("one row, wrong", [0], [1])
    classes("two rows, right", [0, 1], [0, 1])
    classes("two rows, swapped", [1, 0], [0, 1])
    three = random.integers(3, size=90)
    classes("three labels", noisy(three, 3, 0.5), three, labels=3)
    classes("three labels, one predicted", np.full(90, 2), three, labels=3)
    classes("three labels, positive absent", noisy(2 * balanced, 2, 0.0), 2 * balanced, labels=3)
    classes("three labels, positive absent, errors", 2 * noisy(balanced, 2, 0.5), 2 * balanced, labels=3)
    classes("three labels, one only predicted", [0, 2, 0, 1, 2], [0, 2, 2, 0, 0], labels=3)
    skewed = random.choice(7, size=300, p=[0.7, 0.2, 0.05, 0.03, 0.01, 0.01, 0.0])
    classes("seven labels, skewed, the last nowhere", noisy(skewed, 6, 0.3), skewed, labels=7)
    long = random.integers(2, size=3000)
    classes("long binary", noisy(long, 2, 0.3), long)

    gold = np.round(random.uniform(0, 5, size=50), 1)
    values("graded similarity, ties in the reference", gold + random.normal(size=50), gold)
    values("ties on both sides", np.round(gold + random.normal(size=50)), np.round(gold))
    values("many ties", random.integers(3, size=80), random.integers(3, size=80))
    values("no relation", random.normal(size=50), random.normal(size=50))
    values("perfect", gold, gold)
    values("reversed", -gold, gold)
    values("monotone, not linear", np.exp(gold), gold)
    values("constant prediction", np.full(50, 0.1), gold)
    values("constant reference", gold, np.full(50, 0.1))
    values("both constant", np.full(5, 2.0), np.full(5, 3.0))
    values("one row", [1.5], [2.0])
    values("two rows, rising", [0.1, 0.2], [1.0, 3.0])
    values("two rows, falling", [0.2, 0.1], [1.0, 3.0])
    values("two rows, one tie", [0.2, 0.2], [1.0, 3.0])
    values("three rows, one tie", [0.2, 0.2, 0.1], [1.0, 3.0, 2.0])
    values("zero of either sign ties", [-0.0, 0.0, 1.0, -1.0], [2.0, 1.0, 3.0, 0.0])
    values("large mean, small spread", 1e6 + gold, gold)
    values("outlier", np.append(gold, 1e4), np.append(gold[::-1], 5.0))
    values("tiny", 1e-30 * gold, 1e-30 * np.roll(gold, 1))
    long = random.normal(size=1500)
    values("long", long + random.normal(size=1500), long)

    versions = {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__}
    rows = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    text = f'{{"versions": {json.dumps(versions)}, "cases": [\n{rows}\n]}}\n'
    pathlib.Path(__file__).with_name("metrics.json").write_text(text)


if __name__ == "__main__":
    main()

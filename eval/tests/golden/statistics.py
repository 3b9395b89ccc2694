"""Writes statistics.json beside this file: what SciPy, statsmodels and plain NumPy say of the same numbers.

Run:  python eval/tests/golden/statistics.py
Needs numpy, SciPy and statsmodels; their versions are recorded in the file.
"""

import json
import pathlib

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import integrate, stats
from scipy.optimize import brentq
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(20240522)


def corrections():
    cases = []
    for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.0, 1.0, 1.0], [0.02] * 5, list(random.random(30) ** 3)]:
        cases.append({
            "p": [float(x) for x in p],
            "holm": multipletests(p, method="holm")[1].tolist(),
            "benjamini_hochberg": multipletests(p, method="fdr_bh")[1].tolist(),
        })
    return cases


def pooled_t():
    cases = []
    for n_a, n_b in [(5, 5), (2, 1), (3, 8), (40, 30)]:
        a, b = random.normal(70, 1, n_a), random.normal(69, 2, n_b)
        found = stats.ttest_ind(a, b, equal_var=True)
        cases.append({"a": a.tolist(), "b": b.tolist(), "t": found.statistic, "df": found.df, "p": found.pvalue})
    return cases


def wilson():
    cases = []
    for successes, trials, level in [(49, 53, 0.95), (0, 10, 0.95), (10, 10, 0.9), (1, 2, 0.99), (500, 1000, 0.5)]:
        lower, upper = proportion_confint(successes, trials, 1 - level, method="wilson")
        cases.append({"successes": successes, "trials": trials, "level": level, "interval": [lower, upper]})
    return cases


def sign_flips():
    cases = []
    for differences in [random.normal(0.5, 1, 5), random.normal(0, 1, 9), [1, 1, 1], [0.1, 0.2, -0.3], [0.5, 0.5, -0.5, 1]]:
        found = stats.permutation_test(
            (np.asarray(differences, float),), np.mean, permutation_type="samples", n_resamples=np.inf)
        cases.append({"differences": list(map(float, differences)), "p": found.pvalue})
    return cases


def lines():
    cases = []
    for n, slope, noise, level in [(5, 2.0, 0.5, 0.95), (12, -1.0, 2.0, 0.9), (4, 0.0, 1.0, 0.95), (30, 0.3, 0.2, 0.99)]:
        x = random.uniform(-1, 3, n)
        y = slope * (x - 1.2) + noise * random.normal(size=n)
        fit = stats.linregress(x, y)
        t = stats.t.ppf(0.5 + level / 2, n - 2)
        ends = fit.slope - t * fit.stderr, fit.slope + t * fit.stderr
        crossing = None
        if ends[0] > 0 or ends[1] < 0:
            # By search rather than Fieller's formula: where the line's confidence band meets 0 on either side.
            s2 = np.sum((y - fit.intercept - fit.slope * x) ** 2) / (n - 2)
            xx = np.sum((x - x.mean()) ** 2)
            def excess(at):
                variance = s2 * (1 / n + (at - x.mean()) ** 2 / xx)
                return (fit.intercept + fit.slope * at) ** 2 - t * t * variance
            at = -fit.intercept / fit.slope
            sides = []
            for direction in (-1, 1):
                far = 1e-3
                while excess(at + direction * far) < 0:
                    far *= 2
                sides.append(brentq(excess, at, at + direction * far, xtol=1e-14, rtol=1e-14))
            crossing = [at, sides]
        cases.append({
            "x": x.tolist(), "y": y.tolist(), "level": level, "slope": fit.slope, "intercept": fit.intercept,
            "slope_interval": list(ends), "r": fit.rvalue, "p": fit.pvalue, "crossing": crossing,
        })
    return cases


def bca():
    """SciPy's BCa of given replicates: of a mean, of a median, and of a mean on a lattice, where many tie."""
    cases = []
    samples = [(random.exponential(size=25), np.mean), (random.normal(size=40), np.var), (random.integers(2, size=30), np.mean)]
    for sample, statistic in samples:
        first = stats.bootstrap((sample,), statistic, n_resamples=400, method="BCa", rng=random)
        again = stats.bootstrap((sample,), statistic, n_resamples=0, method="BCa", bootstrap_result=first)
        n = len(sample)
        without = np.array([statistic(np.delete(sample, i)) for i in range(n)])
        influence = (n - 1) * (without.mean() - without) / n
        cases.append({
            "estimate": float(statistic(sample)),
            "replicates": first.bootstrap_distribution.tolist(),
            "influence": influence.tolist(),
            "acceleration": float(np.sum(influence**3) / np.sum(influence**2) ** 1.5 / 6),
            "interval": list(again.confidence_interval),
        })
    return cases


def headline(metric, predicted, reference):
    if metric == "accuracy":
        return np.mean(predicted == reference)
    if metric == "f1":
        return 2 * np.sum(predicted & reference) / (np.sum(predicted) + np.sum(reference))
    if metric == "mcc":
        return np.corrcoef(predicted, reference)[0, 1]
    return stats.spearmanr(predicted, reference).statistic


def generalised_p(mean, from_seeds, few, from_examples, many):
    """Student's p given the variance of seeds, averaged over that variance: the estimate times `few` over a chi-square."""
    def given(ln):
        error = np.sqrt(from_examples + from_seeds * few / np.exp(ln))
        return stats.chi2.pdf(np.exp(ln), few) * np.exp(ln) * 2 * stats.t.sf(abs(mean) / error, many)
    return integrate.quad(given, -60 / few, np.log(few + 8 * np.sqrt(few) + 40), epsabs=1e-15, epsrel=1e-12, limit=1000)[0]


def comparisons():
    """The analysis of variance of pseudo-values, made by leaving each row out and scoring anew."""
    cases = []
    for metric, seeds, examples in [("accuracy", 5, 40), ("f1", 3, 60), ("mcc", 2, 50), ("accuracy", 1, 30), ("spearman", 4, 25)]:
        gold = random.normal(size=examples)
        arms = []
        for noise in (0.6, 1.0):
            scores = gold + 0.7 * random.normal(size=examples) + noise * random.normal(size=(seeds, examples))
            arms.append(np.round(scores, 1).astype(np.float32).astype(float) if metric == "spearman" else (scores > 0).astype(int))
        reference = np.round(gold, 1).astype(np.float32).astype(float) if metric == "spearman" else (gold > 0).astype(int)
        difference = np.zeros((seeds, examples))
        per_seed = np.zeros(seeds)
        for sign, arm in zip((1, -1), arms):
            for s, predicted in enumerate(arm):
                whole = headline(metric, predicted, reference)
                per_seed[s] += sign * whole
                for e in range(examples):
                    left = headline(metric, np.delete(predicted, e), np.delete(reference, e))
                    difference[s, e] += sign * (examples * whole - (examples - 1) * left)
        case = {
            "metric": metric, "reference": reference.tolist(), "a": arms[0].tolist(), "b": arms[1].tolist(),
            "difference": float(per_seed.mean()), "per_seed": per_seed.tolist(),
        }
        if seeds == 1:
            error, df = stats.sem(difference[0]), examples - 1
            p = 2 * stats.t.sf(abs(per_seed.mean() / error), df)
            case["components"] = None
        else:
            # Mean squares by projections, which share no formula with the code under test.
            over_seeds, over_examples = np.full((seeds, seeds), 1 / seeds), np.full((examples, examples), 1 / examples)
            def mean_square(left, right, freedom):
                return np.sum((left @ difference @ right) ** 2) / freedom
            seed = mean_square(np.eye(seeds) - over_seeds, over_examples, seeds - 1)
            example = mean_square(over_seeds, np.eye(examples) - over_examples, examples - 1)
            both = mean_square(np.eye(seeds) - over_seeds, np.eye(examples) - over_examples, (seeds - 1) * (examples - 1))
            extra = max(example - both, 0)
            few = seeds - 1
            least = both * stats.chi2.ppf(0.25, few) / few
            error = np.sqrt((max(seed, least) + extra) / (seeds * examples))
            floored = max(seed, both)
            df = (floored + extra) ** 2 / (floored**2 / few)
            p = generalised_p(per_seed.mean(), max(seed, least) / (seeds * examples), few, extra / (seeds * examples), examples - 1)
            case["components"] = {
                "seed": max((seed - both) / examples, 0), "example": extra / seeds, "interaction": both}
        case |= {"standard_error": error, "df": df, "p": p}
        cases.append(case)
    return cases


def clustered():
    """Slopes of points in clusters, of unlike sizes: statsmodels' cluster-robust covariance with Student's t."""
    cases = []
    for sizes, level in [([8] * 9, 0.95), ([1, 4, 2], 0.9), ([3, 3], 0.95)]:
        groups = np.repeat(np.arange(len(sizes)), sizes)
        x = random.normal(size=len(groups))
        y = 0.7 * x + random.normal(size=len(sizes))[groups] + random.normal(size=len(groups))
        fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        cases.append({
            "x": x.tolist(), "y": y.tolist(), "clusters": groups.tolist(), "level": level,
            "interval": fit.conf_int(1 - level)[1].tolist(), "p": fit.pvalues[1],
        })
    return cases


def main():
    text = json.dumps({
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "corrections": corrections(), "pooled_t": pooled_t(), "wilson": wilson(), "sign_flips": sign_flips(),
        "lines": lines(), "bca": bca(), "comparisons": comparisons(),
        "clustered": clustered(),
    }, allow_nan=False, default=float)
    pathlib.Path(__file__).with_name("statistics.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

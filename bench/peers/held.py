"""Evaluation on held-out rows: a forward pass in the peer's precision, scores in double, with this project's definitions.

Not on the clock. A row an evaluation goes to a CSV of its own; what a loss does not have stays empty.
"""
import math

import torch

COLUMNS = "optimizer,seed,update,seconds,objective,rmse,r2,log_loss,accuracy,auc"
CHUNK = 4096


def transfer(name):
    """f of the hidden layers by its name: tanh, relu, logistic, softplus, leaky_relu:0.01."""
    known = {
        "tanh": torch.tanh,
        "relu": torch.relu,
        "logistic": torch.sigmoid,
        "softplus": torch.nn.functional.softplus,
    }
    if name.startswith("leaky_relu:"):
        slope = float(name.split(":")[1])
        return lambda h: torch.nn.functional.leaky_relu(h, slope)
    if name not in known:
        raise SystemExit(f"activation {name} is not known here; {', '.join(known)} and leaky_relu:SLOPE are")
    return known[name]


def outputs(layers, activation, rows):
    """h_L of rows; layers W_l [d_l][d_{l-1} + 1], the bias last in each row."""
    f = transfer(activation)
    linear = torch.nn.functional.linear
    results = []
    for part in rows.split(CHUNK):
        a = part
        for W in layers[:-1]:
            a = f(linear(a, W[:, :-1], W[:, -1]))
        results.append(linear(a, layers[-1][:, :-1], layers[-1][:, -1]))
    return torch.cat(results)


def squared(h, t, w):
    """Half the squared error; RMSE over all outputs; R2 of each target that is not constant, and their mean."""
    squares = w @ (h - t).square()
    spread = w @ (t - w @ t / w.sum()).square()
    varying = (t != t[0]).any(0)
    r2 = (1 - squares / spread)[varying]
    return {
        "objective": 0.5 * squares.sum() / len(h),
        "rmse": (squares.mean() / w.sum()).sqrt(),
        "r2": r2.mean() if len(r2) else None,
    }


def bernoulli(h, t, w):
    each = (torch.nn.functional.softplus(h) - t * h).sum(1)
    right = (((h >= 0) == (t >= 0.5)) & ~h.isnan()).double().mean(1)
    return classes(each, right, mean_area(h, t, w), w)


def softmax(h, t, w):
    each = torch.logsumexp(h, 1) - (t * h).sum(1)
    right = ((h.argmax(1) == t.argmax(1)) & ~h.isnan().any(1)).double()
    return classes(each, right, mean_area(log_odds(h), t, w), w)


def classes(each, right, auc, w):
    """Of the rows' losses and of the shares of their answers that are right."""
    total = w @ each
    return {"objective": total / len(w), "log_loss": total / w.sum(), "accuracy": w @ right / w.sum(), "auc": auc}


def log_odds(h):
    """h_k - log of the sum over the other classes, by which probabilities are ranked."""
    odds = torch.empty_like(h)
    for k in range(h.shape[1]):
        others = torch.cat((h[:, :k], h[:, k + 1 :]), 1)
        odds[:, k] = h[:, k] - torch.logsumexp(others, 1)
    return odds


def mean_area(scores, t, w):
    """The mean over the columns with both kinds of targets; None where there is none, or targets are grey."""
    if not ((t == 0) | (t == 1)).all():
        return None
    both = [k for k in range(t.shape[1]) if 0 < w @ t[:, k] and 0 < w @ (1 - t[:, k])]
    areas = [area(scores[:, k], t[:, k] == 1, w) for k in both]
    return sum(areas) / len(areas) if areas else None


def area(scores, positive, w):
    """Under the ROC curve, equal scores counted half."""
    if scores.isnan().any():
        return math.nan
    values, place = torch.unique(scores, return_inverse=True)
    positives = torch.bincount(place[positive], w[positive], minlength=len(values))
    negatives = torch.bincount(place[~positive], w[~positive], minlength=len(values))
    below = negatives.cumsum(0) - negatives
    return float((positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum()))


SCORES = {"squared": squared, "bernoulli": bernoulli, "softmax": softmax}


class Evaluations:
    """Evaluates every so many updates, and says when enough of them in a row were not better."""

    def __init__(self, given, problem, layers):
        self.given = given
        self.problem = problem
        self.layers = layers
        self.every = problem.facts.get("evaluateEvery", 0)
        self.least = math.inf
        self.without = 0
        self.last = 0
        self.file = None
        if given.evaluation and problem.held is not None:
            self.file = open(given.evaluation, "w", encoding="utf-8")
            self.file.write(COLUMNS + "\n")

    def after(self, update, seconds):
        """Whether to stop."""
        if self.file is None or update % self.every != 0:
            return False
        self.write(update, seconds)
        return bool(self.given.stop_after) and self.without >= self.given.stop_after

    @torch.no_grad()
    def write(self, update, seconds):
        rows, targets = self.problem.held
        h = outputs(self.layers(), self.problem.activation, rows).double()
        t, w = weights_apart(targets.double(), self.problem.weighted)
        w = torch.ones(len(h), dtype=h.dtype, device=h.device) if w is None else w
        scores = {name: float(value) for name, value in SCORES[self.problem.loss](h, t, w).items() if value is not None}
        self.last = update
        better = scores["objective"] < self.least
        self.least = scores["objective"] if better else self.least
        self.without = 0 if better else self.without + 1
        cells = [self.given.name, str(self.problem.seed), str(update), f"{seconds:.6f}"]
        cells += [number(scores[name]) if name in scores else "" for name in COLUMNS.split(",")[4:]]
        self.file.write(",".join(cells) + "\n")
        self.file.flush()

    def end(self, update, seconds):
        """Evaluates the last weights, unless that has just been done."""
        if self.file is not None:
            if update > self.last:
                self.write(update, seconds)
            self.file.close()


def weights_apart(targets, weighted):
    """Targets, and the datapoints' weights where they are the last column; else None."""
    return (targets[:, :-1], targets[:, -1]) if weighted else (targets, None)


def number(value):
    """As Java reads it."""
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"

"""What the peers share: options, the problem's files, the clock, the CSV, and what the process runs on.

The clock runs as in bench/compare: while a batch is gathered, the step is made and its loss is read; not while a row is
written. Needs torch alone, not numpy.
"""
import argparse
import ctypes
import json
import math
import os
import platform
import re
import sys
import threading
import time

import torch

import held

WINDOW = 10
COLUMNS = "optimizer,seed,update,seconds,objective,sliding_mean"
LOSSES = ("bernoulli", "squared")
TABLE_LOSSES = ("bernoulli", "squared", "softmax")


def options(description, name):
    """The parser with what every peer takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", required=True, help="the folder that ExportProblem wrote")
    parser.add_argument("--out", default="-", help="the CSV file; - for standard output, the default")
    parser.add_argument("--facts", help="a JSON file to write versions, BLAS and threads to")
    parser.add_argument("--seconds", type=float, help="stop after so many of training; default 60, or no limit with --updates")
    parser.add_argument("--updates", type=int, help="stop after so many")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, help="of torch; default: what torch takes")
    parser.add_argument("--name", default=name, help="in the CSV; default %(default)s")
    parser.add_argument("--evaluation", help="a CSV file for the scores on held-out rows, where the problem has some")
    parser.add_argument("--stop-after", type=int, default=0, help="stop after so many evaluations that are not better; default never")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when standard input ends: with who started this")
    return parser


def prepare(given):
    """Threads and device as asked for; FP32 products as the other side's."""
    if given.updates is not None and given.updates < 1:
        raise SystemExit(f"--updates {given.updates}: at least one update is needed")
    if given.seconds is None:
        given.seconds = 60.0 if given.updates is None else math.inf
    if not given.seconds > 0:
        raise SystemExit(f"--seconds {given.seconds}: the time must be positive")
    if given.stop_after < 0:
        raise SystemExit(f"--stop-after {given.stop_after}: give at least 1, or leave it out")
    if given.threads is not None:
        torch.set_num_threads(given.threads)
    if given.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit(f"torch {torch.__version__} sees no GPU; give --device cpu")
    torch.backends.cuda.matmul.allow_tf32 = False
    if given.end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()


def _end_with_stdin():
    """Ends this process when who holds the other end of the pipe is gone, however it went."""
    while os.read(0, 1024):
        pass
    os._exit(3)


class Problem:
    """The files of ExportProblem: rows [n][d_0], targets, held-out ones, weights, the order of the batches.

    With tables=True the script takes targets of their own, every activation and loss; minibatch then gives rows and targets.
    """

    def __init__(self, folder, device, dtype=torch.float32, tables=False):
        self.folder = folder
        self.tables = tables
        with open(os.path.join(folder, "problem.json"), encoding="utf-8") as file:
            self.facts = json.load(file)
        self.activation = self.facts["activation"]
        self.width = self.facts["width"]
        self.target_width = self.facts.get("targetWidth", 0)
        self.weighted = self.facts.get("weighted", False)
        self.check()
        self.sizes = self.facts["layers"]
        self.batch = self.facts["batch"]
        self.seed = self.facts["seed"]
        self.loss = self.facts["loss"]
        self.device = device
        self.dtype = dtype
        self.rows, self.targets = self._pairs("", self.facts["rows"])
        self.held = self._pairs("held_", self.facts["heldRows"]) if self.facts.get("heldRows") else None
        self.order = self._read("order.i32", torch.int32, (-1, self.batch))

    def check(self):
        """Ends with a sentence where the script cannot train this."""
        loss, known = self.facts["loss"], TABLE_LOSSES if self.tables else LOSSES
        held.transfer(self.activation)
        if not self.tables and (self.activation != "tanh" or self.target_width):
            raise SystemExit(
                f"{self.folder}: activation {self.activation}, {self.target_width or 'no'} targets of their own; this script trains"
                " autoencoders with tanh only: take torch_adam.py, torch_adamw.py or torch_muon.py"
            )
        if loss not in known:
            raise SystemExit(f"{self.folder}: loss {loss}; only {', '.join(known)} are here")

    def _pairs(self, prefix, count):
        """Rows and their targets, which for an autoencoder are the rows."""
        rows = self._read(prefix + "rows.f32", torch.float32, (count, self.width)).to(self.device, self.dtype)
        if not self.target_width:
            return rows, rows
        targets = self._read(prefix + "targets.f32", torch.float32, (count, self.target_width))
        return rows, targets.to(self.device, self.dtype)

    def weights(self):
        """W_1 .. W_L one after the other, as one vector; layer l is [d_l][d_{l-1} + 1], the bias last in each row."""
        values = self._read("weights.f32", torch.float32, (-1,)).clone()
        needed = sum(outputs * (inputs + 1) for inputs, outputs in zip(self.sizes, self.sizes[1:]))
        if values.numel() != needed:
            raise SystemExit(f"weights.f32 has {values.numel()} values, the layers {self.sizes} need {needed}")
        return values.to(self.device, self.dtype)

    def minibatch(self, update):
        """The rows of an update, from 0; after the last batch of the order the first one again."""
        chosen = self.order[update % self.order.shape[0]].to(self.device)
        rows = self.rows.index_select(0, chosen)
        if not self.tables:
            return rows
        return rows, self.targets.index_select(0, chosen) if self.target_width else rows

    def _read(self, name, dtype, shape):
        with open(os.path.join(self.folder, name), "rb") as file:
            values = torch.frombuffer(bytearray(file.read()), dtype=dtype)
        try:
            return values.reshape(shape)
        except RuntimeError as error:
            raise SystemExit(f"{name} in {self.folder} does not fit problem.json: {error}")


def layers(vector, sizes):
    """Views W_l [d_l][d_{l-1} + 1] of a vector with all of them."""
    views, at = [], 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        count = outputs * (inputs + 1)
        views.append(vector[at : at + count].view(outputs, inputs + 1))
        at += count
    return views


def train(given, problem, step, layers):
    """Steps to the limit; step(minibatch) gives the loss of its batch as a float, layers() the present weights
    W_l [d_l][d_{l-1} + 1]. Writes a row an update, as it goes; evaluates held-out rows off the clock."""
    evaluations = held.Evaluations(given, problem, layers)
    window, elapsed, update = [], 0.0, 0
    limit = math.inf if given.updates is None else given.updates
    with _open(given.out) as out:
        out.write(COLUMNS + "\n")
        while elapsed < given.seconds and update < limit:
            if update == problem.order.shape[0]:
                print(f"{given.name}: update {update + 1} begins again with the first batch of the order", file=sys.stderr)
            begin = time.perf_counter()
            loss = step(problem.minibatch(update))
            elapsed += time.perf_counter() - begin
            update += 1
            window = (window + [loss])[-WINDOW:]
            mean = sum(window) / len(window)
            out.write(f"{given.name},{problem.seed},{update},{elapsed:.6f},{held.number(loss)},{held.number(mean)}\n")
            out.flush()
            if evaluations.after(update, elapsed):
                print(f"{given.name}: {given.stop_after} evaluations were not better", file=sys.stderr)
                break
        evaluations.end(update, elapsed)
    print(f"{given.name}: {update} updates in {elapsed:.1f} s, objective {mean:.3f}", file=sys.stderr)


def _open(name):
    """Standard output is for rows alone: whatever else is printed goes where errors go."""
    if name != "-":
        return open(name, "w", encoding="utf-8")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def write_facts(given, **more):
    """What this process runs on: versions, the BLAS that is loaded, threads, instruction set."""
    build = torch.__config__.show()
    libraries = _loaded(r"blas|lapack|libmkl")
    facts = {
        "interpreter": sys.executable,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if given.device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "cpuCapability": _first(r"CPU capability usage: (.*)", build),
        "buildBlas": _first(r"BLAS_INFO=([^, ]*)", build),
        "buildLapack": _first(r"LAPACK_INFO=([^, ]*)", build),
        "mkl": _first(r"(Intel\(R\) (?:oneAPI )?Math Kernel Library.*)", build),
        "libraries": sorted(os.path.basename(path) for path in libraries),
        "openblas": _openblas(libraries),
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(("OMP_", "OPENBLAS_", "MKL_", "KMP_"))},
        **more,
    }
    slow = [path for path in libraries if _reference(path)]
    if given.device == "cpu" and slow:
        facts["warning"] = (
            f"torch runs on the reference BLAS {', '.join(slow)}, some twenty times slower than OpenBLAS: its times say"
            " nothing; on Debian and Ubuntu install libopenblas0-pthread"
        )
        print(f"{given.name}: {facts['warning']}", file=sys.stderr)
    if given.facts:
        with open(given.facts, "w", encoding="utf-8") as file:
            json.dump(facts, file, indent=2)


def _reference(path):
    """Whether a library is libblas itself; where another BLAS takes its place, the real path has that one's name."""
    known = ("openblas", "mkl", "blis", "atlas")
    return os.path.basename(path).startswith("libblas.so") and not any(each in path.lower() for each in known)


def _first(pattern, text):
    found = re.search(pattern, text)
    return found.group(1).strip() if found else None


def _loaded(pattern):
    """Real paths of the shared libraries of this process whose names match."""
    if not os.path.exists("/proc/self/maps"):
        return []
    with open("/proc/self/maps", encoding="utf-8") as file:
        paths = {line.split(maxsplit=5)[5].strip() for line in file if line.count("/") > 1}
    return sorted(path for path in paths if re.search(pattern, os.path.basename(path)) and ".so" in path)


def _openblas(libraries):
    """Version, kernel and threads, as OpenBLAS itself says; None where it is not loaded or hides its names."""
    for path in libraries:
        library = ctypes.CDLL(path)
        if "openblas" in os.path.basename(path) and hasattr(library, "openblas_get_config"):
            library.openblas_get_config.restype = ctypes.c_char_p
            config = library.openblas_get_config().decode()
            return f"{config}, {library.openblas_get_num_threads()} threads"
    return None

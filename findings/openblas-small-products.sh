#!/usr/bin/env bash
# OpenBLAS 0.3.31 (in numpy 2.4.6), float32, one thread, AVX-512: the first 48 rows of a product have other bits when they are computed alone than with
# 1,728 more rows behind them, where the product has few columns. Below 10^6 multiplications its SkylakeX target takes kernels for small matrices, which
# add in another order; the Haswell target has none, and there the rows agree. With 75 columns and 785 terms they agree on both. So whether a batch
# may be divided among processes without a change of bits depends on the processor, and a trial with wide products does not tell.
# Source: own computation. The processor must have AVX-512; else it says so and looks at nothing.
. "$(dirname "$0")/common.sh"
if ! grep -q avx512bw /proc/cpuinfo; then
  echo "no AVX-512 here: not looked at"
  exit 0
fi
python numpy==2.4.6
cat >rows.py <<'PY'
import numpy
random = numpy.random.default_rng(1)
words = []
for columns, terms in ((6, 401), (20, 151), (75, 785)):
    a = random.standard_normal((1776, terms), dtype=numpy.float32)
    b = random.standard_normal((terms, columns), dtype=numpy.float32)
    agree = numpy.array_equal((a @ b)[:48], a[:48] @ b)
    words.append(f"{terms} x {columns} {'same' if agree else 'other'}")
print(", ".join(words))
PY
seen=""
for target in Haswell SkylakeX; do
  seen="$seen${seen:+; }$target: $(OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=$target "$python" rows.py)"
done
same "bits of 48 rows alone and among 1,776" \
  "Haswell: 401 x 6 same, 151 x 20 same, 785 x 75 same; SkylakeX: 401 x 6 same, 151 x 20 same, 785 x 75 same" \
  "Haswell: 401 x 6 same, 151 x 20 same, 785 x 75 same; SkylakeX: 401 x 6 other, 151 x 20 other, 785 x 75 same" "$seen"

"""A device function that stays a call, a power, and print. Writes the PTX to the file named by the argument; needs libNVVM."""
import sys

from numba import cuda, float64, int32


@cuda.jit(device=True)
def helper(x, k):
    return x**k + 1.0


def calls(y, n):
    i = cuda.threadIdx.x
    y[i] = helper(float(i) + 1.0, n)
    if i == 0:
        print("calls", n)


ptx, _ = cuda.compile_ptx(calls, (float64[:], int32), cc=(8, 0))
with open(sys.argv[1], "w") as out:
    out.write(ptx)

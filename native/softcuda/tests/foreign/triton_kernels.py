"""A function that stays a call, and device_print. Writes the PTX to the file named by the argument; needs no GPU."""
import sys

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


@triton.jit(noinline=True)
def polynomial(x, c):
    return x * (x * 2.0 + 1.0) + c


@triton.jit
def calls(x, y, n):
    i = tl.program_id(0) * 32 + tl.arange(0, 32)
    v = tl.load(x + i, mask=i < n)
    tl.device_print("i", i)
    tl.store(y + i, v * polynomial(tl.load(x), 3.0), mask=i < n)


signature = {"x": "*fp32", "y": "*fp32", "n": "i32"}
kernel = triton.compile(ASTSource(fn=calls, signature=signature, constexprs={}), target=GPUTarget("cuda", 80, 32), options={"num_warps": 1})
with open(sys.argv[1], "w") as out:
    out.write(kernel.asm["ptx"])

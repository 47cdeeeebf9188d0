#!/usr/bin/env bash
# torch 2.13.0: scaled_dot_product_attention picks a fused kernel on the CPU whose derivative has no derivative, neither forward (jvp) nor
# backward twice: no J D, no Hessian-vector product, through the call that every transformer uses. The plain kernel, which must be asked
# for, has both; the first derivative says nothing. It is found out at the first curvature, not where the model is built.
# Source: own run.
. "$(dirname "$0")/common.sh"
python torch==2.13.0 numpy==2.4.6
seen=$("$python" - <<'PY'
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

torch.manual_seed(0)
q, k, v, t = (torch.randn(2, 2, 8, 4) for _ in range(4))


def attention(x):
    return scaled_dot_product_attention(x, k, v, is_causal=True)


def attempt(derivative):
    try:
        derivative()
        return "runs"
    except (NotImplementedError, RuntimeError) as e:
        return "refused" if "not" in str(e) and "implemented" in str(e) else "other error"


def tries():
    return ", ".join(
        [
            "backward " + attempt(lambda: torch.func.grad(lambda x: attention(x).sum())(q)),
            "forward mode " + attempt(lambda: torch.func.jvp(attention, (q,), (t,))),
            "twice backward " + attempt(lambda: torch.autograd.functional.jvp(attention, q, t)),
        ]
    )


print("as it is: " + tries(), end="; ")
with sdpa_kernel(SDPBackend.MATH):
    print("plain: " + tries())
PY
)
same "derivatives through attention on the CPU, with the kernel that is picked and with the plain one" \
  "as it is: backward runs, forward mode runs, twice backward runs; plain: backward runs, forward mode runs, twice backward runs" \
  "as it is: backward runs, forward mode refused, twice backward refused; plain: backward runs, forward mode runs, twice backward runs" \
  "$seen"

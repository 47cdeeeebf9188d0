"""A stand-in for BackPACK, for tests of backpack_kfra.py: the part of its interface that the script uses, and KFRA for Linear,
Tanh and MSELoss by their definition. It tests the script, not BackPACK: nothing here is BackPACK's.
"""
import torch

from . import extensions

_active = []


class backpack:
    """The context in which backward passes run extensions."""

    def __init__(self, *exts):
        self.exts = exts

    def __enter__(self):
        _active.append(self.exts)

    def __exit__(self, *error):
        _active.pop()


def extend(module):
    """Hooks for a module and what is in it; containers are no operation of their own."""
    for child in module.children():
        extend(child)
    if not isinstance(module, torch.nn.Sequential):
        module.register_forward_hook(_keep)
        module.register_full_backward_hook(_run)
    return module


def _keep(module, inputs, output):
    if torch.is_grad_enabled():
        for k, each in enumerate(inputs):
            setattr(module, f"input{k}", each)
        module.output = output


def _run(module, g_inp, g_out):
    for extension in _active[-1] if _active else ():
        extension.apply(module, g_inp, g_out)

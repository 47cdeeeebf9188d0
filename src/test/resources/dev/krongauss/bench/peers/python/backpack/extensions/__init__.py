"""KFRA by its definition, summed over the batch as BackPACK has it: G = N E[...], A = E[a a'] without the homogeneous 1."""
import torch

from .module_extension import ModuleExtension


class _Linear(ModuleExtension):
    def __init__(self):
        super().__init__(params=["weight", "bias"])

    def weight(self, extension, module, g_inp, g_out, G):
        a = module.input0.detach()
        return [G, a.t() @ a / a.shape[0]]

    def bias(self, extension, module, g_inp, g_out, G):
        return [G]

    def backpropagate(self, extension, module, g_inp, g_out, G):
        W = module.weight.data
        return W.t() @ G @ W


class _Tanh(ModuleExtension):
    def backpropagate(self, extension, module, g_inp, g_out, G):
        b = 1 - module.output.detach() ** 2
        return G * (b.t() @ b) / b.shape[0]


class _MSELoss(ModuleExtension):
    def backpropagate(self, extension, module, g_inp, g_out, G):
        N, d = module.input0.shape
        if module.reduction != "sum":
            raise NotImplementedError(module.reduction)
        return 2 * N * torch.eye(d, dtype=module.input0.dtype)


class KFRA:
    savefield = "kfra"

    def __init__(self):
        self.saved = {}
        self._extensions = {torch.nn.Linear: _Linear(), torch.nn.Tanh: _Tanh(), torch.nn.MSELoss: _MSELoss()}

    def set_module_extension(self, module, extension, overwrite=False):
        if module in self._extensions and not overwrite:
            raise ValueError(f"{module} has an extension")
        self._extensions[module] = extension

    def apply(self, module, g_inp, g_out):
        if type(module) not in self._extensions:
            raise NotImplementedError(f"no extension for {type(module)}")
        self._extensions[type(module)](self, module, g_inp, g_out)

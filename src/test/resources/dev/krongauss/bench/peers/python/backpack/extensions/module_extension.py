"""What runs for a module in a backward pass."""
from torch.nn.modules.loss import _Loss


class ModuleExtension:
    def __init__(self, params=None):
        self._params = params or []

    def backpropagate(self, extension, module, g_inp, g_out, bpQuantities):
        raise NotImplementedError(type(self))

    def __call__(self, extension, module, g_inp, g_out):
        quantity = extension.saved.pop(module.output.data_ptr(), None)
        if quantity is None and not isinstance(module, _Loss):
            raise AssertionError(f"nothing came back to {module}")
        for name in self._params:
            value = getattr(self, name)(extension, module, g_inp, g_out, quantity)
            setattr(getattr(module, name), extension.savefield, value)
        if module.input0.requires_grad:
            extension.saved[module.input0.data_ptr()] = self.backpropagate(extension, module, g_inp, g_out, quantity)

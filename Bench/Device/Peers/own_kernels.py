"""A training step of minGRU whose recurrence is this repository's kernels, from the PTX that MinRnn.Bench.Device writes, and
whose matrix products are PyTorch's. The kernels run on PyTorch's memory and stream, by the CUDA driver, as they do under TorchSharp."""
import ctypes
import json
import os
import struct

import torch

VIEW = struct.Struct("<qq")  # address, elements
EMPTY = VIEW.pack(0, 0)


class Driver:
    """The few functions of the CUDA driver that launch a kernel in the current context, PyTorch's."""

    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        torch.cuda.synchronize()
        self.context = ctypes.c_void_p()
        self.check(self.cuda.cuCtxGetCurrent(ctypes.byref(self.context)), "cuCtxGetCurrent")

    def check(self, result, call):
        if result != 0:
            name = ctypes.c_char_p()
            self.cuda.cuGetErrorName(result, ctypes.byref(name))
            raise RuntimeError(f"{call} failed: {name.value}")

    def function(self, ptx, entry):
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self.check(self.cuda.cuModuleLoadData(ctypes.byref(module), ctypes.c_char_p(ptx)), "cuModuleLoadData")
        self.check(self.cuda.cuModuleGetFunction(ctypes.byref(function), module, entry.encode()), "cuModuleGetFunction")
        return function

    def launch(self, function, groups, size, parameter):
        block = ctypes.create_string_buffer(parameter, len(parameter))
        parameters = (ctypes.c_void_p * 1)(ctypes.addressof(block))
        # PyTorch's thread of backward may not have used its context yet.
        self.check(self.cuda.cuCtxSetCurrent(self.context), "cuCtxSetCurrent")
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        one = ctypes.c_uint(1)
        self.check(self.cuda.cuLaunchKernel(
            function, ctypes.c_uint(groups), one, one, ctypes.c_uint(size), one, one, ctypes.c_uint(0), stream, parameters, None), "cuLaunchKernel")


class Kernels:
    """The streaming kernels of one layer, and how their arguments lie: views, sizes, what is asked for ahead of time, and what pieces of time tell each other."""

    def __init__(self, folder, driver):
        with open(os.path.join(folder, "kernels.json")) as file:
            described = json.load(file)
        self.driver, self.channels = driver, described["channels"]
        self.kernels = {}
        for kernel in described["kernels"]:
            with open(os.path.join(folder, kernel["file"]), "rb") as file:
                kernel["function"] = driver.function(file.read(), kernel["entry"])
            self.kernels[kernel["name"]] = kernel

    def launch(self, name, threads, parameter):
        kernel = self.kernels[name]
        if len(parameter) != kernel["parameterBytes"]:
            raise RuntimeError(f"{name} takes {kernel['parameterBytes']} bytes of arguments; these are {len(parameter)}")
        self.driver.launch(kernel["function"], -(-threads // kernel["groupSize"]), kernel["groupSize"], parameter)

    def forward(self, preactivations, bias, output, final):
        B, T, _ = output.shape
        arguments = b"".join([view(preactivations), view(bias), EMPTY, EMPTY, view(output), EMPTY, view(final), self.window(B, T), prefetch(), work()])
        self.launch("Forward", B * self.channels, arguments)

    def backward(self, preactivations, bias, output, gradient, preactivation_gradient, bias_gradient, partials):
        B, T, _ = output.shape
        views = [preactivations, bias, None, None, output, None, gradient, None, preactivation_gradient, None, None, partials]
        self.launch("Backward", B * self.channels, b"".join([*map(view, views), struct.pack("<q", 1), vectors(), self.window(B, T), prefetch(), work()]))
        # One row of partial sums for each row of the batch: up to 512 are summed at once, eight columns a group.
        rows, width = partials.shape[0], partials.shape[1]
        self.launch("Sum", -(-width // 8) * self.kernels["Sum"]["groupSize"], view(partials) + view(bias_gradient) + struct.pack("<6q", rows, width, 8, 0, 1, 1))

    @staticmethod
    def window(B, T):
        return struct.pack("<7q", B, T, 1, T, 1, 2, 0)  # not cut in time, forwards, two rows of biases, none shared


def view(tensor):
    return EMPTY if tensor is None else VIEW.pack(tensor.data_ptr(), tensor.numel())


def vectors():
    return EMPTY + struct.pack("<q", 0) + EMPTY * 2


def prefetch():
    return struct.pack("<6q", 0, 0, 0, 0, 0, 0)  # nothing is asked for ahead of time in four bytes an element


def work():
    return EMPTY * 3 + struct.pack("<qii", 0, 0, 0) + EMPTY


class Scan(torch.autograd.Function):
    @staticmethod
    def forward(context, preactivations, bias, kernels):
        B, T, width = preactivations.shape
        output = preactivations.new_empty(B, T, width // 2)
        kernels.forward(preactivations, bias, output, preactivations.new_empty(B, width // 2))
        context.save_for_backward(preactivations, bias, output)
        context.kernels = kernels
        return output

    @staticmethod
    def backward(context, gradient):
        preactivations, bias, output = context.saved_tensors
        if output.shape[0] > 512:
            raise RuntimeError("batches beyond 512 take a second sum")
        preactivation_gradient, bias_gradient = torch.empty_like(preactivations), torch.empty_like(bias)
        partials = bias.new_empty(output.shape[0], bias.numel())
        context.kernels.backward(preactivations, bias, output, gradient.contiguous(), preactivation_gradient, bias_gradient, partials)
        return preactivation_gradient, bias_gradient, None


class OwnMinGru(torch.nn.Module):
    """minGRU as the library's layer has it: a bare matrix product, then the scan, which adds the bias."""

    def __init__(self, kernels, size, device, dtype):
        super().__init__()
        self.kernels = kernels
        self.weight = torch.nn.Parameter(torch.randn(2 * kernels.channels, size, device=device, dtype=dtype) / size ** 0.5)
        self.bias = torch.nn.Parameter(torch.zeros(2 * kernels.channels, device=device, dtype=dtype))

    def forward(self, x):
        return Scan.apply(torch.nn.functional.linear(x, self.weight), self.bias, self.kernels)


def check(kernels, device):
    """Output and gradients against a loop in double precision, over the largest value."""
    H = kernels.channels
    layer = OwnMinGru(kernels, H, device, torch.float32)
    x = torch.randn(3, 37, H, device=device, requires_grad=True)
    grad = torch.randn(3, 37, H, device=device)
    with torch.no_grad():
        layer.bias.normal_()
    pre = torch.nn.functional.linear(x, layer.weight).detach().requires_grad_()
    y = Scan.apply(pre, layer.bias, kernels)
    y.backward(grad)
    p, b = pre.detach().double().requires_grad_(), layer.bias.detach().double().requires_grad_()
    h, rows = torch.zeros(3, H, device=device, dtype=torch.float64), []
    for row in p.unbind(1):
        gate, candidate = (row + b).chunk(2, -1)
        z = torch.sigmoid(gate)
        h = (1 - z) * h + z * candidate
        rows.append(h)
    expected = torch.stack(rows, 1)
    expected.backward(grad.double())
    pairs = [(y, expected), (pre.grad, p.grad), (layer.bias.grad, b.grad)]
    return max(((a.double() - e).abs().max() / e.abs().max()).item() for a, e in pairs)

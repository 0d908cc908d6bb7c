"""Whole layers of input size H, matrix products included: cuDNN's, loops over cells, and minGRU by this repository's kernels."""
import torch

DEVICE = "cuda"
LOOP_STEPS = 256  # cell loops run at most so many steps; longer times are extrapolated
CUDNN_STEPS = 8192
OURS = "minGRU by these kernels, products by PyTorch"


def step_of(function, inputs, grad, parameters=()):
    """Forward and backward of a function, gradients dropped before."""
    def step():
        for x in (*inputs, *parameters):
            x.grad = None
        function().backward(grad)
    return step


def recurrent(Entry, B, T, H, dtype, _):
    """cuDNN's layers beside the scans."""
    if dtype != torch.float32:
        return []
    return cudnn(Entry, B, T, H, dtype)


def training(Entry, B, T, H, dtype, kernels):
    """The paper's training step."""
    try:
        entries = ours(Entry, B, T, H, dtype, kernels)
    except Exception as error:
        entries = [Entry(OURS, "both", None)]
        entries[0].failure = f"{type(error).__name__}: {str(error)[:160]}"
    return entries + cudnn(Entry, B, T, H, dtype, passes=("both",)) + loops(Entry, B, T, H, dtype)


def ours(Entry, B, T, H, dtype, kernels):
    from own_kernels import Driver, Kernels, OwnMinGru
    layer = OwnMinGru(Kernels(kernels, Driver()), H, DEVICE, dtype)
    x = torch.randn(B, T, H, device=DEVICE, dtype=dtype, requires_grad=True)
    grad = torch.randn(B, T, H, device=DEVICE, dtype=dtype)
    products = torch.nn.Linear(H, 2 * H, device=DEVICE, dtype=dtype)
    wide = torch.randn(B, T, 2 * H, device=DEVICE, dtype=dtype)
    return [
        Entry(OURS, "both", step_of(lambda: layer(x), [x], grad, tuple(layer.parameters()))),
        Entry("its linear map with bias alone", "both", step_of(lambda: products(x), [x], wide, tuple(products.parameters()))),
    ]


def check(kernels):
    import own_kernels
    return own_kernels.check(own_kernels.Kernels(kernels, own_kernels.Driver()), DEVICE)


def cudnn(Entry, B, T, H, dtype, passes=("forward", "both")):
    steps = min(T, CUDNN_STEPS)
    x = torch.randn(B, steps, H, device=DEVICE, dtype=dtype, requires_grad=True)
    grad = torch.randn(B, steps, H, device=DEVICE, dtype=dtype)
    factor, note = T / steps, "products included" if steps == T else f"products included, **extrapolated** from T = {steps}"
    entries = []
    for name, kind in (("GRU", torch.nn.GRU), ("LSTM", torch.nn.LSTM)):
        layer = kind(H, H, batch_first=True, device=DEVICE, dtype=dtype)

        def infer(layer=layer):
            with torch.no_grad():
                layer(x)

        step = step_of(lambda layer=layer: layer(x)[0], [x], grad, tuple(layer.parameters()))
        entries += [Entry(f"cuDNN nn.{name}", of, infer if of == "forward" else step, factor, note) for of in passes]
    return entries


def loops(Entry, B, T, H, dtype):
    few = min(T, LOOP_STEPS)
    x = torch.randn(B, few, H, device=DEVICE, dtype=dtype, requires_grad=True)
    grad = torch.randn(B, few, H, device=DEVICE, dtype=dtype)
    factor, note = T / few, "" if few == T else f"**extrapolated** from T = {few}"
    entries = []
    for name, kind in (("GRUCell", torch.nn.GRUCell), ("LSTMCell", torch.nn.LSTMCell)):
        cell = kind(H, H, device=DEVICE, dtype=dtype)

        def loop(cell=cell, is_lstm=name == "LSTMCell"):
            state, rows = None, []
            for row in x.unbind(1):
                state = cell(row, state)
                rows.append(state[0] if is_lstm else state)
            return torch.stack(rows, 1)

        entries.append(Entry(f"loop over nn.{name}", "both", step_of(loop, [x], grad, tuple(cell.parameters())), factor, note))
    return entries

#!/usr/bin/env python3
"""What PyTorch does in the place of the kernels, timed on the same device: eager and compiled log-space scans, a Triton
associative scan, cuDNN's GRU and LSTM, loops over cells, and copies. Writes a Markdown table to --output."""
import argparse
import datetime
import gc
import statistics

import torch
import torch.nn.functional as F

try:
    import triton
    from triton_scan import TritonScan, check_triton
except ImportError:
    triton = None

SIZES = [(64, 512, 1024), (8, 4096, 1024), (1, 65536, 1024), (1, 1048576, 64), (512, 128, 64)]
ROUNDS = 5
BATCH_MS = 50.0
LOOP_STEPS = 256  # cell loops run at most so many steps; longer times are extrapolated
CUDNN_STEPS = 65536
UNCACHED = 256 << 20
DEVICE = "cuda"


def g(x):
    """The candidate of log-space minGRU, and its logarithm below."""
    return torch.where(x >= 0, x + 0.5, torch.sigmoid(x))


def log_g(x):
    return torch.where(x >= 0, (F.relu(x) + 0.5).log(), -F.softplus(-x))


def log_space(gate, candidate, h0):
    """minGRU by logcumsumexp over time, as published, from pre-activations [B, T, H] and a positive state [B, 1, H]."""
    log_keep = -F.softplus(gate)
    log_values = torch.cat([h0.log(), -F.softplus(-gate) + log_g(candidate)], dim=1)
    log_sum = F.pad(log_keep.cumsum(dim=1), (0, 0, 1, 0))
    return (log_sum + (log_values - log_sum).logcumsumexp(dim=1))[:, 1:].exp()


def launch_ms(action, repetitions):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(repetitions):
        action()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / repetitions


class Entry:
    def __init__(self, name, action, factor=1.0, note=""):
        self.name, self.action, self.factor, self.note = name, action, factor, note
        self.times, self.failure, self.repetitions, self.single = [], None, 1, 0.0

    def attempt(self, body):
        if self.failure is not None:
            return
        try:
            body()
        except torch.cuda.OutOfMemoryError:
            self.failure = "skipped: out of memory"
        except Exception as error:  # a case that fails says so in its row; the others go on
            self.failure = f"skipped: {type(error).__name__}: {str(error).splitlines()[0][:90] if str(error) else ''}"
        if self.failure is not None:
            self.action = None
            gc.collect()
            torch.cuda.empty_cache()

    def prepare(self):
        for _ in range(2):
            self.action()
        self.single = launch_ms(self.action, 1)
        self.repetitions = max(1, min(2000, round(BATCH_MS / max(self.single, 1e-3))))

    def round(self, index):
        if index < 2 or self.single < 1000:
            self.times.append(launch_ms(self.action, self.repetitions))

    def row(self, B, T, H, element):
        head = f"| {B} | {T} | {H} | {element} | {self.name} |"
        if self.failure is not None or not self.times:
            return f"{head} {self.failure or 'skipped'} | | |"
        ms = statistics.median(self.times)
        return f"{head} {ms * self.factor:.4f} | {max(self.times) / min(self.times):.2f} | {self.note} |"


def measure(entries):
    for entry in entries:
        entry.attempt(entry.prepare)
    for index in range(ROUNDS):
        for entry in entries:
            entry.attempt(lambda: entry.round(index))


def training(function, inputs, grad, parameters=()):
    """Forward and backward of a function, gradients dropped before."""
    def step():
        for x in (*inputs, *parameters):
            x.grad = None
        function().backward(grad)
    return step


def copies(B, T, H, dtype):
    entries = []
    for name, elements in (("forward", 3), ("backward", 6)):
        count = B * T * H * elements // 2
        size = count * dtype.itemsize
        sets = max(1, min(32, UNCACHED // (2 * size)))
        source, target = (torch.zeros(sets, count, device=DEVICE, dtype=dtype) for _ in range(2))
        turn = [0]

        def copy(source=source, target=target, sets=sets, turn=turn):
            turn[0] = (turn[0] + 1) % sets
            target[turn[0]].copy_(source[turn[0]])

        entry = Entry(f"copy of the bytes of a minGRU {name}", copy)
        entry.bytes = 2 * size
        entries.append(entry)
    return entries


def scans(B, T, H, dtype):
    # As many sets of tensors as keep the cache from helping; the eager scans write far more than it holds.
    sets = max(1, min(16, -(-UNCACHED // (3 * B * T * H * dtype.itemsize))))
    gates = [torch.randn(B, T, H, device=DEVICE, dtype=dtype, requires_grad=True) for _ in range(sets)]
    candidates = [torch.randn(B, T, H, device=DEVICE, dtype=dtype, requires_grad=True) for _ in range(sets)]
    grad = torch.randn(B, T, H, device=DEVICE, dtype=dtype)
    h0 = torch.full((B, 1, H), 0.5, device=DEVICE, dtype=dtype)
    turn = [0]

    def inference(function):
        def run():
            turn[0] = (turn[0] + 1) % sets
            with torch.no_grad():
                function(gates[turn[0]], candidates[turn[0]], h0)
        return run

    def train(function):
        def run():
            turn[0] = (turn[0] + 1) % sets
            p, c = gates[turn[0]], candidates[turn[0]]
            p.grad = c.grad = None
            function(p, c, h0).backward(grad)
        return run

    compiled = torch.compile(log_space, dynamic=False)
    entries = [
        Entry("eager log-space minGRU, forward", inference(log_space)),
        Entry("eager log-space minGRU, forward and backward", train(log_space)),
        Entry("torch.compile log-space minGRU, forward", inference(compiled)),
        Entry("torch.compile log-space minGRU, forward and backward", train(compiled)),
    ]
    if triton is not None:
        outs, dgates, dcandidates = ([torch.empty_like(grad) for _ in range(sets)] for _ in range(3))
        raw = [(p.detach(), c.detach()) for p, c in zip(gates, candidates)]

        def forward(scan):
            turn[0] = (turn[0] + 1) % sets
            scan.forward(*raw[turn[0]], outs[turn[0]])

        def backward(scan):
            turn[0] = (turn[0] + 1) % sets
            scan.backward(*raw[turn[0]], outs[turn[0]], grad, dgates[turn[0]], dcandidates[turn[0]])

        for BT, BH in ((64, 32), (128, 16), (32, 64)):
            scan = TritonScan(BT, BH)
            for _ in range(sets):
                Entry("", None).attempt(lambda: forward(scan))
            entries.append(Entry(f"Triton associative scan minGRU, tiles {BT}x{BH}, forward", lambda scan=scan: forward(scan)))
            entries.append(Entry(f"Triton associative scan minGRU, tiles {BT}x{BH}, backward", lambda scan=scan: backward(scan)))
    return entries


def recurrent(B, T, H, dtype, loops=True):
    """cuDNN's layers and loops over cells, input size H: these include their matrix products, which scans alone do not."""
    steps = min(T, CUDNN_STEPS)
    x = torch.randn(B, steps, H, device=DEVICE, dtype=dtype, requires_grad=True)
    grad = torch.randn(B, steps, H, device=DEVICE, dtype=dtype)
    factor, note = T / steps, "" if steps == T else f"**extrapolated** from T = {steps}"
    entries = []
    for name, kind in (("GRU", torch.nn.GRU), ("LSTM", torch.nn.LSTM)):
        layer = kind(H, H, batch_first=True, device=DEVICE, dtype=dtype)

        def infer(layer=layer):
            with torch.no_grad():
                layer(x)

        step = training(lambda layer=layer: layer(x)[0], [x], grad, tuple(layer.parameters()))
        entries.append(Entry(f"cuDNN nn.{name}, forward", infer, factor, note))
        entries.append(Entry(f"cuDNN nn.{name}, forward and backward (training step)", step, factor, note))
    if not loops:
        return entries
    few = min(T, LOOP_STEPS)
    xs, gs = x.detach()[:, :few].clone().requires_grad_(), grad[:, :few].contiguous()
    factor, note = T / few, "" if few == T else f"**extrapolated** from T = {few}"
    for name, kind in (("GRUCell", torch.nn.GRUCell), ("LSTMCell", torch.nn.LSTMCell)):
        cell = kind(H, H, device=DEVICE, dtype=dtype)

        def loop(cell=cell, is_lstm=name == "LSTMCell"):
            state, rows = None, []
            for row in xs.unbind(1):
                state = cell(row, state)
                rows.append(state[0] if is_lstm else state)
            return torch.stack(rows, 1)

        def infer(loop=loop):
            with torch.no_grad():
                loop()

        entries.append(Entry(f"loop over nn.{name}, forward", infer, factor, note))
        entries.append(Entry(
            f"loop over nn.{name}, forward and backward (training step)", training(loop, [xs], gs, tuple(cell.parameters())), factor, note))
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch._dynamo.config.cache_size_limit = 64
    lines = [
        f"{torch.cuda.get_device_name()}, {datetime.date.today()}: PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN "
        f"{torch.backends.cudnn.version()}, Triton {triton.__version__ if triton else 'missing'}; CUDA events around batches of launches, "
        f"medians of {ROUNDS} interleaved rounds (2 where a launch takes over 1 s).",
        "",
        "Scans run on pre-activations; GRU and LSTM (input size H) include their matrix products. Times marked extrapolated are those of fewer "
        "steps times the ratio of steps. Spread is the slowest round over the fastest. Copies count bytes read and written.",
        "",
    ]
    if triton is not None:
        try:
            lines += [f"Triton scan against a loop in double precision: {check_triton():.1e} of the largest value.", ""]
        except Exception as error:
            lines += [f"Triton scan check failed: {type(error).__name__}: {error}", ""]
    lines += ["| B | T | H | Elements | What | Time, ms | Spread | Note |", "|---:|---:|---:|---|---|---:|---:|---|"]

    def run(B, T, H, dtype, makers):
        for maker in makers:
            gc.collect()
            torch.cuda.empty_cache()
            element = str(dtype).removeprefix("torch.")
            try:
                entries = maker(B, T, H, dtype)
            except torch.cuda.OutOfMemoryError:
                lines.append(f"| {B} | {T} | {H} | {element} | {maker.__name__} | skipped: out of memory | | |")
                continue
            measure(entries)
            for entry in entries:
                if hasattr(entry, "bytes") and entry.times:
                    entry.note = f"{entry.bytes / statistics.median(entry.times) / 1e6:.0f} GB/s"
                lines.append(entry.row(B, T, H, element))
                print(lines[-1], flush=True)
            del entries
            with open(options.output, "w") as file:
                file.write("\n".join(lines) + "\n")

    for B, T, H in SIZES:
        for dtype in (torch.float32, torch.bfloat16):
            run(B, T, H, dtype, [copies, scans, recurrent] if dtype == torch.float32 else [copies, scans])
    # Training steps at batch 64 and the longer time; T = 512 is among the sizes above.
    run(64, 4096, 1024, torch.float32, [recurrent])


if __name__ == "__main__":
    main()

"""Runs one job: makes its entries, times them in rounds that take turns, and gives each result to `write`."""
import gc
import statistics

import torch

import recurrent
import scans

ROUNDS = 5
BATCH_MS = 50.0
DEVICE = "cuda"


class Entry:
    """Something to time. `factor` scales the time of fewer steps to all of them."""

    def __init__(self, name, passes, action, factor=1.0, note="", group=None, size=0):
        self.name, self.passes, self.action, self.factor, self.note, self.group, self.size = name, passes, action, factor, note, group, size
        self.times, self.failure, self.repetitions, self.single = [], None, 1, 0.0

    def attempt(self, body):
        """A case that fails says so in its result; the others go on."""
        if self.failure is not None:
            return
        try:
            body()
        except torch.cuda.OutOfMemoryError:
            self.failure = "out of memory"
        except Exception as error:
            self.failure = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:120]}"
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

    def record(self):
        if self.failure is not None or not self.times:
            return {"name": self.name, "pass": self.passes, "note": f"skipped: {self.failure or 'not timed'}"}
        median = statistics.median(self.times)
        rate = f"{self.size / median / 1e6:.0f} GB/s" if self.size else ""
        return {
            "name": self.name, "pass": self.passes, "milliseconds": median * self.factor, "spread": max(self.times) / min(self.times),
            "note": ", ".join(filter(None, [rate, self.note]))}


def launch_ms(action, repetitions):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(repetitions):
        action()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / repetitions


def run(group, B, T, H, dtype, kernels, write):
    torch.manual_seed(1)
    # The same products for everyone: TF32, as training takes them.
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
    if group == "about":
        for line in about(kernels):
            write(group=group, name=line)
        return
    makers = [scans.copies, scans.scans, recurrent.recurrent] if group == "scan" else [recurrent.training]
    for maker in makers:
        gc.collect()
        torch.cuda.empty_cache()
        size = {"batch": B, "time": T, "channels": H, "elements": dtype}
        try:
            entries = maker(Entry, B, T, H, getattr(torch, dtype), kernels)
        except Exception as error:
            write(group=group, name=maker.__name__, **size, note=f"skipped: {type(error).__name__}: {str(error)[:160]}")
            continue
        for entry in entries:
            entry.attempt(entry.prepare)
        for index in range(ROUNDS):
            for entry in entries:
                entry.attempt(lambda: entry.round(index))
        for entry in entries:
            write(group=entry.group or group, **size, **entry.record())
        del entries


def about(kernels):
    triton = scans.triton
    yield (
        f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, "
        f"Triton {triton.__version__ if triton else 'missing'}; matrix products in TF32 for float32, ours and PyTorch's")
    if triton is not None:
        yield f"Triton scan against a loop in double precision: {attempt(scans.check_triton)} of the largest value"
    if kernels:
        yield f"Kernels under PyTorch's products against a loop in double precision: {attempt(lambda: recurrent.check(kernels))} of the largest value"


def attempt(check):
    try:
        return f"{check():.1e}"
    except Exception as error:
        return f"failed, {type(error).__name__}: {str(error)[:160]};"

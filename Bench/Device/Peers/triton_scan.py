"""minGRU as an associative scan in Triton: h = (1 - z) h + z c over time, the sigmoid fused, and its reversed adjoint."""
import torch
import triton
import triton.language as tl

DEVICE = "cuda"


@triton.jit
def combine(a1, b1, a2, b2):
    return a1 * a2, b1 * a2 + b2


@triton.jit
def forward_kernel(gate, candidate, out, T, H, BT: tl.constexpr, BH: tl.constexpr):
    h = tl.program_id(0) * BH + tl.arange(0, BH)
    base = tl.program_id(1).to(tl.int64) * T * H
    state = tl.zeros([BH], tl.float32)
    row = tl.arange(0, BT)
    for start in range(0, T, BT):
        t = start + row
        at = base + t[:, None].to(tl.int64) * H + h[None, :]
        mask = (t < T)[:, None] & (h < H)[None, :]
        z = tl.sigmoid(tl.load(gate + at, mask, 0.0).to(tl.float32))
        b = z * tl.load(candidate + at, mask, 0.0).to(tl.float32)
        keep, value = tl.associative_scan((1 - z, b), 0, combine)
        result = keep * state[None, :] + value
        tl.store(out + at, result.to(out.dtype.element_ty), mask)
        state = tl.sum(tl.where((row == BT - 1)[:, None], result, 0.0), 0)


@triton.jit
def backward_kernel(gate, candidate, out, grad, dgate, dcandidate, T, H, BT: tl.constexpr, BH: tl.constexpr):
    h = tl.program_id(0) * BH + tl.arange(0, BH)
    base = tl.program_id(1).to(tl.int64) * T * H
    adjoint = tl.zeros([BH], tl.float32)  # the adjoint of the step after the tile, times what that step kept
    row = tl.arange(0, BT)
    for tile in range(0, tl.cdiv(T, BT)):
        t = T - 1 - tile * BT - row  # the last step first
        at = base + t[:, None].to(tl.int64) * H + h[None, :]
        inside = (h < H)[None, :]
        mask = (t >= 0)[:, None] & inside
        later = (t < T - 1)[:, None] & mask
        z = tl.sigmoid(tl.load(gate + at, mask, 0.0).to(tl.float32))
        c = tl.load(candidate + at, mask, 0.0).to(tl.float32)
        after = 1 - tl.sigmoid(tl.load(gate + at + H, later, 0.0).to(tl.float32))
        dh = tl.load(grad + at, mask, 0.0).to(tl.float32)
        keep, value = tl.associative_scan((after, dh), 0, combine)
        total = keep * adjoint[None, :] + value
        before = tl.load(out + at - H, (t > 0)[:, None] & inside, 0.0).to(tl.float32)
        tl.store(dgate + at, (total * (c - before) * z * (1 - z)).to(dgate.dtype.element_ty), mask)
        tl.store(dcandidate + at, (total * z).to(dcandidate.dtype.element_ty), mask)
        adjoint = tl.sum(tl.where((row == BT - 1)[:, None], total, 0.0), 0)


class TritonScan:
    """h = (1 - z) h + z c, the sigmoid fused, in one forward and one backward launch."""

    def __init__(self, BT=64, BH=32):
        self.BT, self.BH = BT, BH

    def forward(self, gate, candidate, out):
        B, T, H = gate.shape
        forward_kernel[(triton.cdiv(H, self.BH), B)](gate, candidate, out, T, H, BT=self.BT, BH=self.BH)

    def backward(self, gate, candidate, out, grad, dgate, dcandidate):
        B, T, H = gate.shape
        backward_kernel[(triton.cdiv(H, self.BH), B)](
            gate, candidate, out, grad, dgate, dcandidate, T, H, BT=self.BT, BH=self.BH)


def check_triton():
    """The Triton kernels against a loop in double precision."""
    B, T, H = 2, 150, 40
    gate, candidate, grad = (torch.randn(B, T, H, device=DEVICE) for _ in range(3))
    p, c = (x.double().requires_grad_() for x in (gate, candidate))
    h, rows = torch.zeros(B, H, device=DEVICE, dtype=torch.float64), []
    for t in range(T):
        z = torch.sigmoid(p[:, t])
        h = (1 - z) * h + z * c[:, t]
        rows.append(h)
    expected = torch.stack(rows, 1)
    expected.backward(grad.double())
    out, dgate, dcandidate = (torch.empty_like(gate) for _ in range(3))
    scan = TritonScan()
    scan.forward(gate, candidate, out)
    scan.backward(gate, candidate, out, grad, dgate, dcandidate)
    pairs = [(out, expected), (dgate, p.grad), (dcandidate, c.grad)]
    return max(((x.double() - y).abs().max() / y.abs().max()).item() for x, y in pairs)

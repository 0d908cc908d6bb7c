"""Scans on pre-activations: eager and compiled log-space minGRU, the associative scan in Triton, and copies."""
import torch
import torch.nn.functional as F

try:
    import triton
    from triton_scan import TritonScan, check_triton
except ImportError:
    triton = None

DEVICE = "cuda"
UNCACHED = 256 << 20


def log_g(x):
    """The logarithm of the candidate of log-space minGRU."""
    return torch.where(x >= 0, (F.relu(x) + 0.5).log(), -F.softplus(-x))


def log_space(gate, candidate, h0):
    """minGRU by logcumsumexp over time, as published, from pre-activations [B, T, H] and a positive state [B, 1, H]."""
    log_keep = -F.softplus(gate)
    log_values = torch.cat([h0.log(), -F.softplus(-gate) + log_g(candidate)], dim=1)
    log_sum = F.pad(log_keep.cumsum(dim=1), (0, 0, 1, 0))
    return (log_sum + (log_values - log_sum).logcumsumexp(dim=1))[:, 1:].exp()


def copies(Entry, B, T, H, dtype, _):
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

        entries.append(Entry("copy of the bytes of minGRU", name, copy, group="copy", size=2 * size))
    return entries


def scans(Entry, B, T, H, dtype, _):
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
        Entry("eager log-space minGRU", "forward", inference(log_space)),
        Entry("eager log-space minGRU", "both", train(log_space)),
        Entry("torch.compile of it", "forward", inference(compiled)),
        Entry("torch.compile of it", "both", train(compiled)),
    ]
    if triton is None:
        return entries
    outs, dgates, dcandidates = ([torch.empty_like(grad) for _ in range(sets)] for _ in range(3))
    raw = [(p.detach(), c.detach()) for p, c in zip(gates, candidates)]

    def forward(scan):
        turn[0] = (turn[0] + 1) % sets
        scan.forward(*raw[turn[0]], outs[turn[0]])

    def backward(scan):
        turn[0] = (turn[0] + 1) % sets
        scan.backward(*raw[turn[0]], outs[turn[0]], grad, dgates[turn[0]], dcandidates[turn[0]])

    def backward_with_sums(scan):
        # A layer with biases needs these too: ours gives them, and under a linear map PyTorch sums them so.
        backward(scan)
        for gradient in (dgates[turn[0]], dcandidates[turn[0]]):
            gradient.sum((0, 1))

    for BT, BH in ((64, 32), (128, 16), (32, 64)):
        scan = TritonScan(BT, BH)
        first = Entry("", "", None)
        for _ in range(sets):
            first.attempt(lambda: forward(scan))
        entries.append(Entry(f"Triton associative scan, tiles {BT}x{BH}", "forward", lambda scan=scan: forward(scan)))
        entries.append(Entry(f"Triton associative scan, tiles {BT}x{BH}", "backward", lambda scan=scan: backward(scan)))
        entries.append(Entry(f"Triton associative scan, tiles {BT}x{BH}, and biases' gradients", "backward", lambda scan=scan: backward_with_sums(scan)))
    return entries

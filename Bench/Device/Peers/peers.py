#!/usr/bin/env python3
"""What PyTorch does in the place of the kernels, timed on the same device: eager and compiled log-space scans, a Triton
associative scan, cuDNN's GRU and LSTM, loops over cells, copies; and the paper's training step, also with this repository's
kernels. Writes a line of JSON for each result. Each size runs in a process of its own: one that fails or hangs costs the others nothing."""
import argparse
import json
import os
import subprocess
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
SIZES = [(64, 512, 1024), (8, 4096, 1024), (1, 65536, 1024), (1, 1048576, 64), (512, 128, 64)]
PATIENCE = 420  # seconds that a size may take: torch.compile takes most of them


def jobs():
    """Every job: what to make, B, T, H and the type; the most wanted first."""
    yield "about", 0, 0, 0, "float32"
    for T in (512, 4096):
        yield "training", 64, T, 1024, "float32"
    for dtype in ("float32", "bfloat16"):
        for B, T, H in SIZES:
            yield "scan", B, T, H, dtype


def name_of(job):
    return " ".join(map(str, job))


def append(path, **record):
    with open(path, "a") as file:
        file.write(json.dumps(record) + "\n")


def done(path):
    if not os.path.exists(path):
        return set()
    with open(path) as file:
        records = [json.loads(line) for line in file if line.endswith("}\n")]
    return {record["name"] for record in records if record["group"] == "done"}


def run(options):
    """Runs the jobs that were not run, each in a process, until the time is up."""
    deadline, complete = time.monotonic() + options.seconds, True
    for job in jobs():
        name = name_of(job)
        if name in done(options.output):
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        command = [sys.executable, os.path.abspath(__file__), "--output", options.output, "--kernels", options.kernels, "--job", name]
        if options.dry_run:
            command.append("--dry-run")
        print(f"PyTorch: {name}", flush=True)
        try:
            failure = subprocess.run(command, timeout=min(left, PATIENCE), capture_output=True, text=True)
            message = failure.stderr.strip().splitlines()[-1] if failure.stderr.strip() else f"exit code {failure.returncode}"
        except subprocess.TimeoutExpired:
            failure, message = None, f"no end within {min(left, PATIENCE):.0f} s"
        if failure is None or failure.returncode != 0:
            complete = False
            group, B, T, H, dtype = job
            append(options.output, group=group, name=f"{group}: the process was lost", batch=B, time=T, channels=H, elements=dtype, note=message[:200])
            print(f"PyTorch: {name}: {message}", flush=True)
        if failure is not None:
            append(options.output, group="done", name=name)
    return complete


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, help="the file of results, which is added to")
    parser.add_argument("--kernels", default="", help="the folder of the kernels that MinRnn.Bench.Device writes")
    parser.add_argument("--seconds", type=float, default=3600, help="no job begins later")
    parser.add_argument("--dry-run", action="store_true", help="everything but PyTorch: its place is taken by stand-ins that agree to anything")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.dry_run:
        import stand_ins
        stand_ins.install()
    if options.job is None:
        return 0 if run(options) else 1
    group, B, T, H, dtype = options.job.split()
    import measuring
    measuring.run(group, int(B), int(T), int(H), dtype, options.kernels, lambda **record: append(options.output, **record))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, FOLDER)
    sys.exit(main())

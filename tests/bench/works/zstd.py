# SPDX-License-Identifier: Apache-2.0
"""zstd in and out: dedup reading and writing compressed files, against a pipeline that gives
compression processes of its own. The input is one frame, as zstd writes it, and once more
independent frames, as pref does."""

import agree
import setting
from table import at_most, of_its_time


def measure(bench):
    pref, out = bench.pref, bench.out
    ours, theirs, plain = out / "pref.zst", out / "peer.zst", out / "plain.jsonl"
    setting.sh(f"{pref} dedup {bench.corpus} >{plain}")
    inputs = {
        "one frame": bench.packed("frame", f"zstd -q -3 -T2 {bench.corpus} -o"),
        "frames": bench.packed("frames", f"{pref} check {bench.corpus} -o"),
    }
    for kind, packed in inputs.items():
        run = f"{pref} dedup --threads 2 -o {ours} {packed}"
        setting.sh(f"{run} && zstd -q -d -f -o {out}/back.jsonl {ours}")
        agree.same_bytes(out / "back.jsonl", plain)
        (out / "back.jsonl").unlink()
        times = bench.race((ours, theirs), pref=run,
                           pipe=f"zstd -q -dc {packed} | {pref} dedup --threads 2 | "
                                f"zstd -q -3 -T2 -c >{theirs}",
                           alone=f"zstd -q -3 -T2 -c {plain} >{theirs}")
        yield of_its_time(f"dedup, zstd ({kind}) to zstd -3", times["pref"],
                          "zstd -dc | pref | zstd -3 -T2", times["pipe"], at_most(0.85))
        yield of_its_time(f"dedup, zstd ({kind}) to zstd -3", times["pref"],
                          "zstd -3 -T2 of the output alone", times["alone"], at_most(None, 1))
    for path in (ours, theirs, plain):
        path.unlink(missing_ok=True)

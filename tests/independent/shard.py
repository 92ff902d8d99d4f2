#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref shard` with a computation of its own over real pairs, whose prompts repeat.

Which record lies in which shard and split is computed here from the decoded prompts, with the
XXH3-128 of the system's libxxhash where it can be loaded; without it the checks that need hashes
are skipped by name, and what remains is what must hold of any hash: the union of all shards is
the input, in order, and no prompt is in two of them.
"""

import bisect
import collections
import ctypes
import ctypes.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def load_hash():
    name = ctypes.util.find_library("xxhash")
    if not name:
        return None
    function = ctypes.CDLL(name).XXH3_128bits_withSeed
    function.restype = Hash128
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]

    def hash128(data, seed=0):
        value = function(data, len(data), seed)
        return value.high, value.low

    return hash128


HASH = load_hash()


def corpus():
    path = SHARED / "data" / "bench_pairs.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    return path, unzstd(path.read_bytes())


def unzstd(data):
    return subprocess.run(
        ["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True
    ).stdout


def pref(*args, data=b"", env=None):
    done = subprocess.run(
        [PREF, "shard", *map(str, args)], input=data, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=harness.environment(**(env or {})), check=False,
    )  # fmt: skip
    if done.returncode != 0 or done.stdout:
        raise AssertionError(f"pref shard {args}: {done.returncode} {done.stderr[:500]}")
    return done.stderr.decode()


def read_shards(folder):
    """{name: plain lines} of the shards that the manifest lists, in its order."""
    manifest = json.loads((folder / "manifest.json").read_text())
    shards = {}
    for entry in manifest["shards"]:
        data = (folder / entry["name"]).read_bytes()
        plain = unzstd(data) if entry["name"].endswith(".zst") else data
        shards[entry["name"]] = plain.splitlines(keepends=True)
    return manifest, shards


def check_union(lines, shards):
    """Every line is in exactly one shard, and each shard keeps the input's order."""
    places = collections.defaultdict(list)
    for number, line in enumerate(lines):
        places[line].append(number)
    used = collections.Counter()
    for name, shard in shards.items():
        last = -1
        for line in shard:
            at = bisect.bisect_right(places[line], last)
            if at == len(places[line]):
                return f"{name}: a line that is not of the input, or out of order: {line[:80]}"
            last = places[line][at]
            used[line] += 1
    return None if used == collections.Counter(lines) else "the union of the shards is not the input"


def check_groups(shards, side):
    """No prompt is in two shards; `side` says what of a name counts."""
    seen = {}
    for name, shard in shards.items():
        for line in shard:
            prompt = json.dumps(json.loads(line)["prompt"], sort_keys=True)
            if seen.setdefault(prompt, side(name)) != side(name):
                return f"in {seen[prompt]} and {side(name)}: {prompt[:80]}"
    return None


def check_places(lines, shards, place):
    """Each shard holds exactly the lines that the computed places give it."""
    want = collections.defaultdict(list)
    for line in lines:
        want[place(line)].append(line)
    for name, shard in shards.items():
        if want.get(name, []) != shard:
            return f"{name}: {len(shard)} lines, expected {len(want.get(name, []))} or others"
    return None


def check_manifest(folder, manifest, shards):
    problems = []
    for entry in manifest["shards"]:
        name, shard = entry["name"], shards[entry["name"]]
        said = (entry["records"], entry["bytes"], entry["compressed_bytes"])
        found = (len(shard), sum(map(len, shard)), (folder / name).stat().st_size)
        if said != found:
            problems.append(f"{name}: the manifest says {said}, found {found}")
    listed = {entry["name"] for entry in manifest["shards"]} | {"manifest.json"}
    if listed != {path.name for path in folder.iterdir()}:
        problems.append(f"the folder holds {sorted(p.name for p in folder.iterdir())}")
    return "\n".join(problems) or None


def check_hashes(folder, manifest, shards):
    problems = []
    for entry in manifest["shards"]:
        high, low = HASH(b"".join(shards[entry["name"]]))
        if entry["xxh3_128"] != f"{high:016x}{low:016x}":
            problems.append(f"{entry['name']}: {entry['xxh3_128']} is not its hash")
    text = (folder / "manifest.json").read_bytes()
    head = text[: text.rindex(b'"manifest_xxh3_128"')]
    high, low = HASH(head)
    if manifest["manifest_xxh3_128"] != f"{high:016x}{low:016x}":
        problems.append("the manifest's own hash is wrong")
    return "\n".join(problems) or None


def frame_sizes(data):
    """The lengths of the zstd frames of a file, by walking their blocks (RFC 8878)."""
    at, sizes = 0, []
    while at < len(data):
        start = at
        if data[at : at + 4] != ZSTD_MAGIC:
            return None
        flags = data[at + 4]
        single, checksum = flags >> 5 & 1, flags >> 2 & 1
        at += 5 + (not single) + (0, 1, 2, 4)[flags & 3] + ((1 if single else 0), 2, 4, 8)[flags >> 6]
        last = 0
        while not last:
            header = int.from_bytes(data[at : at + 3], "little")
            last, kind, size = header & 1, header >> 1 & 3, header >> 3
            at += 3 + (1 if kind == 1 else size)
        at += 4 * checksum
        sizes.append(at - start)
    return sizes


def check_frames(path, least):
    data, at = path.read_bytes(), 0
    sizes = frame_sizes(data)
    if sizes is None:
        return "it is not a sequence of zstd frames"
    for number, size in enumerate(sizes):
        plain = unzstd(data[at : at + size])
        at += size
        longest = max(map(len, plain.splitlines(keepends=True)))
        if not plain.endswith(b"\n"):
            return f"frame {number} does not end with a record"
        if number + 1 < len(sizes) and not least <= len(plain) < least + longest:
            return f"frame {number} has {len(plain)} bytes"
    return None if len(sizes) > 1 else "there is only one frame"


def prompt_hash(line, seed=0):
    return HASH(json.loads(line)["prompt"].encode(), seed)


def expected_cuts(lines, shares, seed=0):
    """The orders at which splits end, and the size of the group that did not fit."""
    counts = collections.Counter(prompt_hash(line, seed)[1] for line in lines)
    cuts, upto, taken, orders = [], 0, 0, sorted(counts)
    index = 0
    for share in shares[:-1]:
        upto += share * len(lines) / 100
        while index < len(orders) and taken + counts[orders[index]] <= upto + 1e-6:
            taken += counts[orders[index]]
            index += 1
        cuts.append((orders[index], upto - taken, counts[orders[index]]))
    return cuts


def hashed(tap, name, run):
    """A check that needs XXH3."""
    if HASH is None:
        tap.count += 1
        print(f"ok {tap.count} - {name} # SKIP libxxhash cannot be loaded")
    else:
        tap.result(name, run())


def test_partition(tap, source, lines, folder):
    for count in (1, 4, 16, 64):
        out = folder / f"n{count}"
        pref("-d", out, "-n", count, source)
        manifest, shards = read_shards(out)
        tap.result(f"-n {count}: the union is the input, in order", check_union(lines, shards))
        tap.result(f"-n {count}: equal prompts share a shard", check_groups(shards, str))
        tap.result(f"-n {count}: the manifest's counts", check_manifest(out, manifest, shards))
        hashed(tap, f"-n {count}: hashes", lambda: check_hashes(out, manifest, shards))
        hashed(
            tap,
            f"-n {count}: each record where its prompt's hash says",
            lambda: check_places(
                lines, shards,
                lambda line: f"part-{prompt_hash(line)[0] * count >> 64:05}-of-{count:05}.jsonl.zst",
            ),
        )  # fmt: skip
        tap.result(f"-n {count}: --verify", pref("--verify", out) or None)
    tap.result("frames of 4 MiB end with records",
               check_frames(folder / "n1" / "part-00000-of-00001.jsonl.zst", 4 << 20))
    few, many = read_shards(folder / "n4")[1], read_shards(folder / "n16")[1]
    nested = [set().union(*(shard for shard in list(many.values())[4 * i : 4 * i + 4]))
              for i in range(4)]
    same = [set(shard) for shard in few.values()] == nested
    tap.result("16 shards are 4 shards cut in four", None if same else "they are not")


def test_splits(tap, source, lines, folder):
    names, shares = ("train", "valid", "test"), (97, 2, 1)
    option = "train=0.97,valid=2%,test=1/100"
    for seed in (0, 12345678901234567890):
        out = folder / f"split{seed}"
        pref("-d", out, "-n", "train=3,valid=1,test=2", "--split", option, "--seed", seed, source)
        manifest, shards = read_shards(out)
        sides = collections.Counter()
        for name, shard in shards.items():
            sides[name.split("-")[0]] += len(shard)
        tap.result(f"seed {seed}: the union is the input, in order", check_union(lines, shards))
        tap.result(f"seed {seed}: no prompt on two sides",
                   check_groups(shards, lambda name: name.split("-")[0]))
        tap.result(f"seed {seed}: equal prompts share a shard", check_groups(shards, str))
        tap.result(f"seed {seed}: the manifest's counts", check_manifest(out, manifest, shards))
        hashed(tap, f"seed {seed}: hashes", lambda: check_hashes(out, manifest, shards))
        hashed(tap, f"seed {seed}: each record where its prompt's hash says",
               lambda: split_places(lines, shards, names, shares, seed))
        largest = max(collections.Counter(json.loads(x)["prompt"] for x in lines).values())
        upto, taken, problem = 0, 0, None
        for name, share in zip(names[:-1], shares):
            upto += share * len(lines) / 100
            taken += sides[name]
            if not 0 <= upto + 1e-6 - taken < largest + 1e-6:
                problem = f"{name}: {taken} records so far, exact would be {upto}"
        tap.result(f"seed {seed}: shares hold within one group", problem)


def split_places(lines, shards, names, shares, seed):
    cuts = expected_cuts(lines, shares, seed)
    loose = [cut for cut in cuts if not 0 <= cut[1] < cut[2]]
    if loose:
        return f"a boundary is off by more than its group: {loose}"
    counts = {"train": 3, "valid": 1, "test": 2}

    def place(line):
        part, order = prompt_hash(line, seed)
        name = names[sum(order >= cut[0] for cut in cuts)]
        return f"{name}-{part * counts[name] >> 64:05}-of-{counts[name]:05}.jsonl.zst"

    return check_places(lines, shards, place)


def test_order(tap, source, lines, folder):
    """By order, all shards together are the input; in turn, record k is in shard k mod N."""
    for count in (1, 7, 100):
        out = folder / f"order{count}"
        pref("-d", out, "--by", "order", "-n", count, source)
        manifest, shards = read_shards(out)
        whole = [line for shard in shards.values() for line in shard]
        tap.result(f"--by order -n {count}: together the input",
                   None if whole == lines else "they are not")
        sizes = [len(shard) for shard in shards.values()]
        even = max(sizes) - min(sizes) <= 1 and len(sizes) == count
        tap.result(f"--by order -n {count}: sizes differ by at most one",
                   None if even else str(sizes[:20]))
        tap.result(f"--by order -n {count}: the manifest's counts",
                   check_manifest(out, manifest, shards))
    out = folder / "turns"
    pref("-d", out, "--by", "round-robin", "-n", 11, "--plain", source)
    shards = list(read_shards(out)[1].values())
    right = all(shard == lines[k::11] for k, shard in enumerate(shards)) and len(shards) == 11
    tap.result("--by round-robin: record k in shard k mod N", None if right else "it is not")

    few = lines[:300]
    for limit, most, more, some in (
        (1 << 20, None, [], lines), (1 << 18, None, ["--plain"], lines), (64 << 20, None, [], lines),
        (None, 1000, [], lines), (300, None, ["--plain"], few), (3000, 3, ["--plain"], few),
    ):  # fmt: skip
        out = folder / f"limit {limit} {most}"
        options = [*(["--max-bytes", limit] if limit else []),
                   *(["--max-records", most] if most else []), *more]
        pref("-d", out, *options, data=b"".join(some))
        manifest, shards = read_shards(out)
        tap.result(f"{options}: where shards end", check_limits(shards, some, limit, most))
        tap.result(f"{options}: the manifest's counts", check_manifest(out, manifest, shards))
        tap.result(f"{options}: --verify", pref("--verify", out) or None)
    larger = sum(len(line) > 300 for line in few)
    tap.result("some records are larger than a limit", None if larger > 10 else str(larger))


def check_limits(shards, lines, limit, most):
    """Together the input; none too large, but a record alone; none with room for what follows."""
    pieces = list(shards.values())
    if [line for shard in pieces for line in shard] != lines:
        return "together they are not the input"
    if list(shards) != [f"part-{k:05}-of-{len(pieces):05}.{name.split('.', 1)[1]}"
                        for k, name in enumerate(shards)]:
        return f"names: {list(shards)[:3]}"
    for k, shard in enumerate(pieces):
        size = sum(map(len, shard))
        if (limit and size > limit and len(shard) > 1) or (most and len(shard) > most):
            return f"shard {k}: {len(shard)} records, {size} bytes"
        full = (most and len(shard) == most) or (
            limit and k + 1 < len(pieces) and size + len(pieces[k + 1][0]) > limit)
        if k + 1 < len(pieces) and not full:
            return f"shard {k}: ended at {len(shard)} records, {size} bytes"
    return None


def test_strata(tap, source, lines, folder):
    """In every stratum, each share holds within one group; no group is on two sides."""
    shares = (("train", 0.9), ("valid", 0.07), ("test", 0.03))
    option = ",".join(f"{name}={share}" for name, share in shares)
    home, sizes, totals = {}, collections.Counter(), collections.Counter()
    prompts = {}
    for line in lines:
        record = json.loads(line)
        prompt = prompts[line] = record["prompt"]
        home.setdefault(prompt, record.get("source"))
        sizes[prompt] += 1
        totals[home[prompt]] += 1
    largest = collections.Counter()
    for prompt, size in sizes.items():
        largest[home[prompt]] = max(largest[home[prompt]], size)
    for ways in ([], ["--by", "order"], ["--max-records", 500]):
        out = folder / f"strata {ways}"
        count = [] if "--max-records" in ways else ["-n", 3]
        summary = folder / "strata.json"
        pref("-d", out, "--split", option, "--stratify", "source", *count, *ways,
             "--summary", summary, source)  # fmt: skip
        manifest, shards = read_shards(out)
        name = f"--stratify {ways}"
        tap.result(f"{name}: the manifest's counts", check_manifest(out, manifest, shards))
        found, sides, problem = collections.Counter(), {}, None
        for shard, held in shards.items():
            side = shard.split("-")[0]
            for line in held:
                found[home[prompts[line]], side] += 1
                if sides.setdefault(prompts[line], side) != side:
                    problem = prompts[line][:80]
        tap.result(f"{name}: no prompt on two sides", problem)
        problem = None
        for stratum, total in totals.items():
            upto, taken = 0, 0
            for side, share in shares[:-1]:
                upto += share * total
                taken += found[stratum, side]
                if not -1e-6 <= upto - taken < largest[stratum] + 1e-6:
                    problem = f"{stratum}: {taken} of {total} up to {side}, exact {upto}"
        tap.result(f"{name}: shares hold within one group in each of {len(totals)}", problem)
        said = json.loads(summary.read_text())["strata"]
        tap.result(f"{name}: strata are counted", None if said == len(totals) else str(said))
        places = sorted(line for shard in shards.values() for line in shard) == sorted(lines)
        tap.result(f"{name}: the union is the input", None if places else "it is not")
        for side, _ in shares:
            own = [shard for shard in shards if shard.startswith(side)]
            split = [line for shard in own for line in shards[shard]]
            members = collections.Counter(split)
            problem = check_way(ways, [shards[shard] for shard in own],
                                [line for line in lines if line in members])
            tap.result(f"{name}: {side} is divided for itself", problem)


def check_way(ways, pieces, split):
    sizes = [len(piece) for piece in pieces]
    if ways and [line for piece in pieces for line in piece] != split:
        return "it is not in order"
    if "order" in ways and max(sizes) - min(sizes) > 1:
        return f"sizes {sizes}"
    if "--max-records" in ways and any(size != 500 for size in sizes[:-1]):
        return f"sizes {sizes}"
    return None


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_same(tap, source, data, lines, folder):
    """One outcome, however the input comes and whoever works on it."""
    for number, options in enumerate((
        ("-n", "5", "--split", "a=2/3,b=1/3"),
        ("--split", "a=2/3,b=1/3", "--stratify", "source", "--max-bytes", "1M"),
        ("--by", "order", "-n", "5"),
    )):  # fmt: skip
        inside = folder / f"ways{number}"
        inside.mkdir()
        if number == 0:
            corpus = (source, data, lines)
        else:
            corpus = (inside / "few.jsonl", b"".join(lines[:5000]), lines[:5000])
            corpus[0].write_bytes(corpus[1])
        check_same(tap, options, number == 0, corpus, inside)


def check_same(tap, options, every, corpus, folder):
    source, data, lines = corpus
    plain = folder / "plain.jsonl"
    plain.write_bytes(data)
    pieces = []
    for i in range(5):
        pieces.append(folder / f"piece{i}.jsonl")
        pieces[i].write_bytes(b"".join(lines[len(lines) * i // 5 : len(lines) * (i + 1) // 5]))
    ways = [(f"{n} threads", ("--threads", n, source), b"", {}) for n in (1, 2, 3, 8)]
    ways += [("a plain file", (plain,), b"", {}), ("five files", pieces, b"", {}),
             ("a pipe", (), data, {}), ("a packed pipe", (), source.read_bytes(), {}),
             ("table seed 1", (source,), b"", {"PREF_TABLE_SEED": "1"}),
             ("table seed 2", (source,), b"", {"PREF_TABLE_SEED": "2"})]  # fmt: skip
    ways = ways if every else ways[0::2]
    reference = None
    for number, (name, args, data_in, env) in enumerate(ways):
        out = folder / f"same{number}"
        pref("-d", out, *options, *args, data=data_in, env=env)
        found = contents(out)
        reference = reference or found
        tap.result(f"{' '.join(options)}: the same bytes: {name}", None if found == reference else "they differ")


def test_group(tap, source, lines, folder):
    """--group by another field, and plain shards."""
    out = folder / "group"
    pref("-d", out, "-n", 7, "--group", "source", "--plain", source)
    manifest, shards = read_shards(out)
    tap.result("--group: the union is the input, in order", check_union(lines, shards))
    tap.result("--group: the manifest's counts", check_manifest(out, manifest, shards))
    seen, problem = {}, None
    for name, shard in shards.items():
        for line in shard:
            value = json.dumps(json.loads(line).get("source"))
            if seen.setdefault(value, name) != name:
                problem = f"{value} is in {seen[value]} and {name}"
    tap.result("--group: equal values share a shard", problem)
    hashed(tap, "--group: hashes", lambda: check_hashes(out, manifest, shards))


class Written(str):
    """A number as it is written."""


def canonical_hash(value, seed=0):
    """(high, low) of a group's value, by pref-shard(1)'s own words."""
    if isinstance(value, str) and not isinstance(value, Written):
        return HASH(value.encode(), seed)
    return HASH(canonical(value, seed ^ 0x9E3779B97F4A7C15), seed ^ 0x9E3779B97F4A7C15)


def canonical(value, seed):
    if isinstance(value, Written):
        return b"#" + value.encode()
    if isinstance(value, list):
        return b"[" + b"".join(frame(element, seed) for element in value)
    if isinstance(value, dict):
        members = sorted((key.encode(), element) for key, element in value.items())
        return b"{" + b"".join(frame(k.decode(), seed) + frame(v, seed) for k, v in members)
    return {None: b"n", True: b"t", False: b"f"}[value]


def frame(value, seed):
    if isinstance(value, str) and not isinstance(value, Written):
        data = value.encode()
        return b"s" + len(data).to_bytes(4, "little") + data
    if isinstance(value, (list, dict)):
        high, low = HASH(canonical(value, seed), seed)
        return b"h" + low.to_bytes(8, "little") + high.to_bytes(8, "little")
    return canonical(value, seed)


def test_values(tap, folder):
    """Values of all kinds lie where the page says."""
    values = ['"plain"', '"\\u00e9\\n"', "null", "true", "false", "1", "1.0", "-0e5", "[]", "{}",
              '[{"role":"user","content":"hi"},{"content":null,"role":"x"}]', '["ab","c"]',
              '{"b":[1,[2,{"z":1,"a":"\\u0061"}]],"a":true,"":0}', '[[],[[]],{"k":{}}]',
              '["a","bc"]', '"1"', '{"role":"user","content":"hi"}']  # fmt: skip
    lines = [f'{{"id":{i},"g":{value}}}\n'.encode() for i, value in enumerate(values)]
    lines.append(b'{"id":"absent"}\n')
    for seed in (0, 99):
        out = folder / f"values{seed}"
        pref("-d", out, "-n", 1000, "--plain", "--group", "g", "--seed", seed,
             data=b"".join(lines))  # fmt: skip
        shards = read_shards(out)[1]

        def place(line, seed=seed):
            record = json.loads(line, parse_int=Written, parse_float=Written)
            high = canonical_hash(record.get("g"), seed)[0]
            return f"part-{high * 1000 >> 64:05}-of-01000.jsonl"

        hashed(tap, f"seed {seed}: values of all kinds",
               lambda place=place: check_places(lines, shards, place))  # fmt: skip


def main():
    source, data = corpus()
    lines = data.splitlines(keepends=True)
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-shard-") as name:
        folder = pathlib.Path(name)
        test_partition(tap, source, lines, folder)
        test_splits(tap, source, lines, folder)
        test_order(tap, source, lines, folder)
        test_strata(tap, source, lines, folder)
        test_same(tap, source, data, lines, folder)
        test_group(tap, source, lines, folder)
        test_values(tap, folder)
    tap.end()


main()

# SPDX-License-Identifier: Apache-2.0
"""Whether two outputs are the same answer. What differs ends the bench: a fast wrong answer is
worth no time."""

import json
import subprocess
import sys

# pref's quantiles are mid-ranks of buckets 2^-12 wide, a peer's those of the numbers themselves.
TOLERANCE = {"quantile": 0.002}


def differ(what):
    sys.exit(f"bench: {what}")


def same_bytes(a, b):
    if subprocess.run(["cmp", a, b], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        differ(f"{a.name} and {b.name} are not the same bytes")


def without_nulls(value):
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


def records(path):
    """The records of a file by their ids."""
    with open(path, encoding="utf-8") as lines:
        found = [without_nulls(json.loads(line)) for line in lines]
    return {record["id"]: record for record in found}


def close(key, a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= TOLERANCE.get(key, 1e-9 * max(1, abs(a)))
    return a == b


def same_values(a, b, key):
    """The same records in any order, with the same members under `key`, as far as the peer has
    them. A member that is null is as good as absent."""
    ours, theirs = records(a), records(b)
    if ours.keys() != theirs.keys():
        differ(f"{a.name} and {b.name} do not hold the same records")
    for name, record in ours.items():
        other = theirs[name]
        mine, their = record.pop(key, {}), other.pop(key, {})
        if record != other:
            differ(f"{a.name} and {b.name}: record {name} differs beside '{key}'")
        if bool(mine) != bool(their):
            differ(f"{a.name} and {b.name}: record {name} has '{key}' in one of them")
        for member, value in their.items():
            if not close(member, mine.get(member), value):
                differ(f"{a.name} and {b.name}: record {name}: '{key}': '{member}' is "
                       f"{mine.get(member)} and {value}")

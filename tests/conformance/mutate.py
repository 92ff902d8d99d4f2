# SPDX-License-Identifier: Apache-2.0
"""Ways to break a line of JSON, each of them seeded: mutate(chance, line, others)."""

import re

# Bytes and texts at which parsers have parted.
PIECES = [
    b'"', b"\\", b"\\\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\t", b"\r", b"\n", b"\0",
    b"\x01", b"\x1f", b"\x7f", b"\x80", b"\xbf", b"\xc0\x80", b"\xc2", b"\xe0\x80\x80",
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xee\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98\x80",
    b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\xa0",
    b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\ud83d\\u0041", b"\\u12", b"\\u12G4",
    b"\\U0041", b"\\x41", b"\\/", b"\\b", b"\\'", b"\\u0022", b"/* */", b"//", b"#", b"'",
    b",,", b"::", b"{}", b"[]", b"[[", b"]]", b"{{", b"null", b"nul", b"true", b"True", b"NaN",
    b"nan", b"Infinity", b"-Infinity", b"undefined", b'"":0,', b'"id":0,', b'"prompt":"",',
    b'"\\u0069d":1,', b'"v\\u006fte":"tie",', b'"role":null,', b'"judge":"j",',
    b'"grade":-3,', b'"grade":1,', b'"dist":[1,0],', b'"logprobs":-1,', b"\x0b", b"\x0c",
]
NUMBERS = [
    b"0", b"-0", b"00", b"01", b"-01", b"+1", b"1.", b".5", b"-.5", b"1.e5", b"1e", b"1e+", b"1e-7",
    b"1E400", b"-1e999", b"1e-999", b"1e999999999", b"0x10", b"1_000", b"1,0", b"--1", b"1.5.5",
    b"1e5e5", b"1e5.5", b"17976931348623158079" + b"0" * 289, b"9" * 400, b"0." + b"0" * 400 + b"1",
    b"-", b"0e0", b"0.0e-0", b"1700000000123456789", b"\xd9\xa1", b"1f", b"Inf", b"1e0001",
    b"1.7976931348623157e308", b"1.7976931348623159e308", b"4.9e-324", b"8" * 5000,
]
VALUES = [
    b"null", b"true", b"false", b"0", b'""', b"[]", b"{}", b"[null]", b"[{}]", b'"chosen"', b'"tie"',
    b'"\\u0074ie"', b'"\\ud800"', b'[{"role":"user"}]', b'[{"role":"user","content":null}]',
    b'[{"role":"user","content":[{"\\udc00":1}]}]', b'[{"judge":"j","vote":"tie"}]', b"[" * 700
    + b"]" * 700, b"[" * 1100 + b"]" * 1100, b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"dist":[0.5,0.5]}', b'{"dist":[0.25,0,0.75]}', b'{"logprobs":[-1.5,-0]}',
    b'{"logprobs":-1e-3}', b'{"dist":null,"logprobs":[0]}', b'{"dist":[1,0],"logprobs":0}',
    b'{"dist":[0.99999,0]}', b'{"dist":[0.9999995,0]}', b"-3", b"3", b"4", b"-0", b"2.0", b"1e0",
]
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s]+')


def place(chance, line):
    return chance.randrange(len(line) + 1)


def splice(line, at, end, piece):
    return line[:at] + piece + line[end:]


def change_byte(chance, line, _):
    at = place(chance, line)
    return splice(line, at, at + 1, bytes([chance.randrange(256)]))


def flip_bit(chance, line, _):
    at = chance.randrange(len(line))
    return splice(line, at, at + 1, bytes([line[at] ^ 1 << chance.randrange(8)]))


def insert_piece(chance, line, _):
    at = place(chance, line)
    return splice(line, at, at, chance.choice(PIECES))


def drop_bytes(chance, line, _):
    at = place(chance, line)
    return splice(line, at, at + chance.choice((1, 1, 2, 8)), b"")


def cut(chance, line, _):
    return line[:place(chance, line)]


def repeat(chance, line, _):
    at = place(chance, line)
    return splice(line, at, at, line[at:at + chance.randrange(1, 40)])


def cross(chance, line, others):
    other = chance.choice(others)
    return line[:place(chance, line)] + other[place(chance, other):]


def replace(pattern, pieces):
    """Put a piece in the place of something that matches."""
    def change(chance, line, others):
        found = list(pattern.finditer(line))
        if not found:
            return insert_piece(chance, line, others)
        match = chance.choice(found)
        return splice(line, match.start(), match.end(), chance.choice(pieces))
    return change


def token(chance, line, _):
    """Drop a token, double it, or exchange it with another."""
    found = list(TOKEN.finditer(line))
    if not found:
        return line
    a = chance.choice(found)
    how = chance.randrange(3)
    if how < 2:
        return splice(line, a.start(), a.end(), a[0] * (2 * how))
    b = chance.choice(found)
    a, b = sorted((a, b), key=lambda match: match.start())
    return line if a is b else (line[:a.start()] + b[0] + line[a.end():b.start()] + a[0]
                                + line[b.end():])


def value(chance, line, others):
    """Another value after some colon."""
    found = list(re.finditer(rb":\s*(\"(?:[^\"\\]|\\.)*\"|[-\w.+]+)", line))
    if not found:
        return insert_piece(chance, line, others)
    match = chance.choice(found)
    return splice(line, match.start(1), match.end(1), chance.choice(VALUES))


def in_string(chance, line, others):
    """A piece inside a string."""
    found = list(STRING.finditer(line))
    if not found:
        return insert_piece(chance, line, others)
    match = chance.choice(found)
    at = chance.randrange(match.start() + 1, max(match.end(), match.start() + 2))
    return splice(line, at, at, chance.choice(PIECES))


def escape_string(chance, line, others):
    """A string with one of its characters as an escape: it stays what it was."""
    found = [m for m in STRING.finditer(line) if len(m[0]) > 2]
    if not found:
        return insert_piece(chance, line, others)
    match = chance.choice(found)
    at = chance.randrange(match.start() + 1, match.end() - 1)
    return splice(line, at, at + 1, b"\\u%04x" % line[at])


def key(chance, line, others):
    """A key of its own once more, with any value."""
    found = re.findall(rb'("(?:[^"\\]|\\.)*")\s*:', line)
    at = line.find(b"{") + 1
    if not found or at == 0:
        return insert_piece(chance, line, others)
    return splice(line, at, at, chance.choice(found) + b":" + chance.choice(VALUES) + b",")


def blanks(chance, line, _):
    found = list(TOKEN.finditer(line))
    at = chance.choice(found).start() if found else 0
    return splice(line, at, at, chance.choice((b" ", b"\t", b"\r", b"  \t ")))


WAYS = [change_byte, flip_bit, insert_piece, drop_bytes, cut, repeat, cross, token, token, value,
        value, in_string, in_string, escape_string, key, blanks, replace(NUMBER, NUMBERS),
        replace(NUMBER, NUMBERS), replace(STRING, VALUES)]


def mutate(chance, line, others):
    """One line made from another; others are lines to take parts from."""
    return chance.choice(WAYS)(chance, line or b"{}", others)

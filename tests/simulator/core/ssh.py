# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SSH keys: fingerprints, and Ed25519 pairs in OpenSSH's format (RFC 8032), without a cryptography package.

Good enough for keys of a simulated cloud; not written to resist side channels.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
Point = tuple[int, int, int, int]


def _recover_x(y: int) -> int:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return _P - x if x & 1 else x


_BASE_X = _recover_x(_BASE_Y)
_BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def _add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _public(seed: bytes) -> bytes:
    scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    scalar = scalar & ~7 & ~(1 << 255) | (1 << 254)
    result: Point = (0, 1, 1, 0)
    point = _BASE
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    inverse = pow(result[2], _P - 2, _P)
    x, y = result[0] * inverse % _P, result[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def generate(comment: str) -> tuple[str, str]:
    """A public key line and its private key."""
    seed = os.urandom(32)
    public = _public(seed)
    blob = _text(b"ssh-ed25519") + _text(public)
    check = os.urandom(4)
    private = check + check + blob + _text(seed + public) + _text(comment.encode())
    private += bytes(range(1, 1 + -len(private) % 8))
    container = b"openssh-key-v1\0" + _text(b"none") + _text(b"none") + _text(b"") + struct.pack(">I", 1) + _text(blob)
    encoded = base64.b64encode(container + _text(private)).decode()
    lines = "\n".join(encoded[start : start + 70] for start in range(0, len(encoded), 70))
    begin, end = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}", f"{begin}\n{lines}\n{end}\n"


def fingerprint(public_key: str) -> str:
    """The MD5 fingerprint of a public key line; ValueError if it is none."""
    parts = public_key.split()
    if len(parts) < 2:
        raise ValueError("Public key is invalid")
    try:
        blob = base64.b64decode(parts[1], validate=True)
        size = struct.unpack(">I", blob[:4])[0]
    except (ValueError, struct.error):
        raise ValueError("Public key is invalid") from None
    if blob[4 : 4 + size] != parts[0].encode():
        raise ValueError("Public key is invalid")
    digest = hashlib.md5(blob).hexdigest()
    return ":".join(digest[index : index + 2] for index in range(0, 32, 2))

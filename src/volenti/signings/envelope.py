"""Envelope: what was signed on a device, sealed so that only the workspace can open it.

A device without a network keeps what was signed in this form and sends it later, so whoever gets hold of the
device in between reads nothing. It is the scheme of ECIES with parts that every browser has (WebCrypto): ECDH
with P-256 (NIST SP 800-56A) between a fresh key of the device's and the workspace's, HKDF-SHA256 (RFC 5869),
AES-256-GCM (NIST SP 800-38D). Anybody can seal something: that it comes from somebody who has a link is said
by what is inside.

Format: version byte 1, the fresh public key (65 bytes, uncompressed point of SEC 1), a 12-byte nonce, the
ciphertext with its 16-byte tag. The key is HKDF of the shared secret, with the two public keys as its salt
and `volenti/signing-envelope` as its info.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from volenti.core.digest import derive
from volenti.core.errors import UsageError

VERSION = b"\x01"
_CURVE = ec.SECP256R1()
#: The number of points of P-256 (SEC 2, section 2.4.2): private keys are below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT, _NONCE, _TAG = 65, 12, 16
_PURPOSE = "signing-envelope"


class EnvelopeKey:
    """The workspace's private key for envelopes, which follows from the workspace's secret."""

    def __init__(self, secret: bytes) -> None:
        # Two blocks, so that reducing them makes no private key noticeably likelier than another.
        wide = derive(secret, f"{_PURPOSE}-1") + derive(secret, f"{_PURPOSE}-2")
        self._private = ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, _CURVE)

    @property
    def public(self) -> bytes:
        """The public key: 65 bytes, an uncompressed point of P-256."""
        return _written(self._private.public_key())

    def open(self, envelope: bytes) -> bytes:
        """What was sealed; UsageError where it isn't for this key, isn't whole or was changed."""
        refused = UsageError(
            "What was sent doesn't open here: it isn't whole, or it is for another workspace.",
            "Send it again from the device that it was signed on.",
        )
        if len(envelope) < 1 + _POINT + _NONCE + _TAG or envelope[:1] != VERSION:
            raise refused
        point, nonce = envelope[1 : 1 + _POINT], envelope[1 + _POINT : 1 + _POINT + _NONCE]
        try:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
            key = _key(self._private.exchange(ec.ECDH(), theirs), point, self.public)
            return AESGCM(key).decrypt(nonce, envelope[1 + _POINT + _NONCE :], VERSION)
        except (ValueError, InvalidTag):
            raise refused from None


def sealed_to(public: bytes, data: bytes) -> bytes:
    """`data` sealed to a workspace's public key, as a browser does it."""
    fresh = ec.generate_private_key(_CURVE)
    point, nonce = _written(fresh.public_key()), os.urandom(_NONCE)
    shared = fresh.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public))
    return VERSION + point + nonce + AESGCM(_key(shared, point, public)).encrypt(nonce, data, VERSION)


def _key(shared: bytes, fresh: bytes, public: bytes) -> bytes:
    return derive(shared, _PURPOSE, salt=fresh + public)


def _written(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

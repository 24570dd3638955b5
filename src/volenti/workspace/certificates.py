"""Certificates: what erasures did, for anybody to check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.core.signing import PublicKey
from volenti.workspace.given import bytes_of, public_key
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.erasure.certificate import Stated, Verified
    from volenti.transparency.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """A certificate that holds: what was verified, and what it states.

    `log_now` is the state of the log as it is published now; None where it wasn't compared.
    """

    verified: Verified
    stated: Stated
    log_now: Checkpoint | None

    __repr__ = short_repr


class Certificates(Noun):
    """What erasures did, for anybody to check."""

    def show(self, request: str | None = None) -> Json:
        """Show the certificate of an erasure that is over: a JSON document to hand out.

        request: the erasure's identifier; the latest request by default. Raises NotFoundError where there is
        no such request, or it has no certificate.

        Example:
            ws.certificates.show("req_1")
        """
        return self._parts.certification.certificate(self._parts.requests.find(request).id)

    @staticmethod
    def verify(
        certificate: bytes | Path | str, key: PublicKey | Path | str, *, origin: str = "", log: str = ""
    ) -> CheckedCertificate:
        """Check a certificate: its signature, and that the log recorded it. Needs no workspace.

        certificate: the JSON document's bytes, or the path of a file with them. key: the workspace's public
        key, or the path of its file `public-key`, from whoever publishes it. origin: the name of the log that
        it should be in; any by default. log: where the log is published, an address or a folder; then it is
        also checked that the log has only added to what it said when the certificate was made.

        It shows what the software did and measured. It can't show that nobody kept a copy elsewhere. Returns
        what was verified and what the certificate states. Raises IntegrityError, which says why, where
        anything doesn't hold, and UsageError where a file can't be read.

        Example:
            volenti.certificates.verify("certificate.json", "public-key").stated.completed
        """
        from volenti.erasure.certificate import compare, stated, verify

        public = public_key(key)
        verified = verify(bytes_of(certificate), public, origin)
        states = stated(verified)
        if not log:
            return CheckedCertificate(verified, states, None)
        from volenti.standalone import log_files

        return CheckedCertificate(verified, states, compare(verified, log_files(log), public))

    @staticmethod
    def page(certificate: bytes | Path | str, key: PublicKey | Path | str) -> bytes:
        """Make a page to read of a certificate that holds. Needs no workspace.

        certificate, key: as `verify` has them. Returns a PDF/A with the certificate attached; of the person's
        own copy it says whom it is about. Raises IntegrityError where the certificate doesn't hold, and
        UsageError where a file can't be read.

        Example:
            volenti.certificates.page("certificate.json", "public-key")
        """
        from volenti.standalone import certificate_pdf

        return certificate_pdf(bytes_of(certificate), public_key(key))

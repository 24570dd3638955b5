"""A published log's files, read over HTTP. Any web server can serve the log's folder as it is."""

from __future__ import annotations

from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from volenti.adapters.fetching import fetch
from volenti.adapters.log.files import BYTES_MAX
from volenti.core.errors import StorageError, UsageError
from volenti.core.version import VERSION
from volenti.transparency.ports import check_path


class HttpLogFiles:
    """The `LogFiles` port, over the files below an address."""

    def __init__(self, address: str, seconds: float = 120.0) -> None:
        """seconds: the time within which each file must have arrived, whatever the server does."""
        if urlsplit(address).scheme not in ("http", "https"):
            raise UsageError(f"{address} isn't an address to read from.", "Give https://..., or a folder.")
        self._address = address.rstrip("/")
        self._seconds = seconds

    def read(self, path: str) -> bytes | None:
        """The file's content, or None where the server answers 404; StorageError where it can't be read."""
        try:
            data = fetch(
                f"{self._address}/{check_path(path)}",
                bytes_max=BYTES_MAX,
                seconds=self._seconds,
                headers={"User-Agent": f"volenti/{VERSION}"},
            )
        except HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise _failure(self._address, f"it answers {error.code}") from error
        except URLError as error:
            raise _failure(self._address, str(error.reason)) from error
        if len(data) > BYTES_MAX:
            raise _failure(self._address, f"{path} is too large for a file of a log")
        return data


def _failure(address: str, why: str) -> StorageError:
    return StorageError(f"Can't read {address}: {why}.", "Check the address and the network, then repeat.")

"""The HTTP API of RabbitMQ's management plugin: the part that makes and deletes virtual hosts."""

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..errors import SetupError
from ..timeouts import EVENTUALLY
from .address import Address
from .definitions import Policy

LOCATION = "WORKQUEUE_SPEC_MANAGEMENT_URL"
"""The environment variable with the URL of the API, such as http://broker:15672."""

_CREATED = 201
_NOT_FOUND = 404
_SECONDS_PER_REQUEST = EVENTUALLY / 3


class Management:
    """The API that belongs to one AMQP listener, used with the same credentials.

    Without `WORKQUEUE_SPEC_MANAGEMENT_URL` its address is the broker's host with port 15672; for amqps it is port
    15671 with TLS, so that a password which its owner encrypts is never sent in the clear.
    """

    def __init__(self, address: Address) -> None:
        host = f"[{address.host}]" if ":" in address.host else address.host
        default = f"https://{host}:15671" if address.tls else f"http://{host}:15672"
        self._api = os.environ.get(LOCATION, default).rstrip("/").removesuffix("/api") + "/api"
        self._user = address.user
        secret = f"{address.user}:{address.password}".encode()
        self._authorization = f"Basic {base64.b64encode(secret).decode()}"
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if (context := address.tls_context()) is not None:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def may_administer(self) -> bool:
        """Whether the API answers, and says that the user is an administrator."""
        try:
            _status, who = self._ask("GET", "/whoami")
            tags = who["tags"]
            return "administrator" in (tags.split(",") if isinstance(tags, str) else tags)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def create(self, virtual_host: str) -> bool:
        """Makes the virtual host, with full permissions for the user, and returns True.

        If it exists already, changes nothing and returns False. Raises SetupError if the API refuses or does not
        answer.
        """
        if self._change("PUT", f"/vhosts/{_path(virtual_host)}", {}) != _CREATED:
            return False
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._change("PUT", f"/permissions/{_path(virtual_host)}/{_path(self._user)}", everything)
        return True

    def delete(self, virtual_host: str) -> None:
        """Deletes the virtual host with all that it holds, if it exists. Raises SetupError as `create` does."""
        self._change("DELETE", f"/vhosts/{_path(virtual_host)}")

    def set_policy(self, virtual_host: str, policy: Policy) -> None:
        """Sets the policy. Raises SetupError as `create` does."""
        body = {
            "pattern": policy.pattern,
            "definition": dict(policy.definition),
            "priority": policy.priority,
            "apply-to": policy.apply_to,
        }
        self._change("PUT", f"/policies/{_path(virtual_host)}/{_path(policy.name)}", body)

    def _change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> int:
        try:
            status, _answer = self._ask(method, path, body)
        except urllib.error.HTTPError as error:
            if method == "DELETE" and error.code == _NOT_FOUND:
                return error.code
            sentence = f"The broker's management API refuses {method} {path} ({error.code})."
            raise SetupError(sentence) from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise SetupError(f"The broker's management API no longer answers ({reason}).") from error
        return status

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._api + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_unredirected_header("Authorization", self._authorization)
        with self._opener.open(request, timeout=_SECONDS_PER_REQUEST) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None


def _path(name: str) -> str:
    return quote(name, safe="")

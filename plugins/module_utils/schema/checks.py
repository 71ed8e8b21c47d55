# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of options before the first request: ranges, patterns, addresses, networks, ids, dates."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Optional

from ..errors import OptionError


class Check:
    """A condition on the value of an option."""

    def refuse(self, value: Any, where: str, secret: bool = False) -> None:
        """Raise OptionError for a value that does not meet the condition; ``where`` is the option's path; a secret is not shown."""


@dataclass(frozen=True)
class Form(Check):
    """Text that ``read`` can parse: it raises ValueError for any other; ``text`` describes the form in the message."""

    text: str
    read: Callable[[str], Any]

    def refuse(self, value: Any, where: str, secret: bool = False) -> None:
        try:
            self.read(value)
        except ValueError:
            raise OptionError("%s '%s' is not %s." % (where, value, self.text), _network_hint(self, value)) from None


@dataclass(frozen=True)
class Pattern(Check):
    """Text that matches a regular expression as a whole; ``text`` describes it in the message."""

    regex: str
    text: str

    def refuse(self, value: Any, where: str, secret: bool = False) -> None:
        if isinstance(value, str) and not re.fullmatch(self.regex, value):
            shown = "" if secret else " '%s'" % value
            raise OptionError("%s%s is not allowed." % (where, shown), "It must be %s." % self.text)


@dataclass(frozen=True)
class Range(Check):
    """A number from ``minimum`` to ``maximum`` (None: no maximum)."""

    minimum: int
    maximum: Optional[int] = None

    def refuse(self, value: Any, where: str, secret: bool = False) -> None:
        if value < self.minimum:
            raise OptionError("%s %s is too small." % (where, value), "The minimum is %d." % self.minimum)
        if self.maximum is not None and value > self.maximum:
            raise OptionError("%s %s is too large." % (where, value), "The maximum is %d." % self.maximum)


def _network_hint(form: Form, value: str) -> Optional[str]:
    """The network of an address with host bits."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    return "It has host bits set: its network is %s." % network if form is NETWORK else None


def _read_moment(text: str) -> datetime:
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
        raise ValueError(text)
    return datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))


def _read_id(text: str) -> str:
    if str(uuid.UUID(text)) != text.lower():
        raise ValueError(text)
    return text


ADDRESS = Form("an IP address, such as 192.0.2.7 or 2001:db8::7", ipaddress.ip_address)
IPV4 = Form("an IPv4 address, such as 192.0.2.7", ipaddress.IPv4Address)
NETWORK = Form("a network in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32", ipaddress.ip_network)
MASK = Form("a network mask, such as 255.255.255.0", lambda text: ipaddress.IPv4Network("0.0.0.0/" + text))
MOMENT = Form("a date and time in ISO 8601, such as 2026-08-01T12:00:00Z", _read_moment)
ID = Form("an id, such as d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999", _read_id)

# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms of text that are checked before anything is sent: addresses, networks, ids, dates."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError


@dataclass(frozen=True)
class Form:
    """A form of text: ``words`` say what it is, with an example; ``read`` raises ValueError for any other text."""

    noun: str
    read: Callable[[str], Any]


def check_form(form: Form, value: str, where: str) -> None:
    """Refuse text that has another form; ``where`` is the option's path. Raises OptionError."""
    try:
        form.read(value)
    except ValueError:
        raise OptionError("%s '%s' is not %s." % (where, value, form.noun), _network_hint(form, value)) from None


def _network_hint(form: Form, value: str) -> Optional[str]:
    """The network that an address with a prefix length is in."""
    try:
        meant = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    return "It has host bits set: its network is %s." % meant if form is NETWORK else None


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

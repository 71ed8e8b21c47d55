# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as a person would write it in a module: block style, short lists of plain values in one line, wrapped text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

WIDTH = 98  # the emitter breaks a line at the first space after this column, so that lines end near 120
LONGEST_FLOW = 90


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and never writes an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _is_short(values: list[Any]) -> bool:
    plain = all(value is None or isinstance(value, (str, int, float, bool)) for value in values)
    return plain and len(yaml.safe_dump(values, default_flow_style=True, width=10_000)) <= LONGEST_FLOW


def _represent_list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    flow = _is_short(values) and not any(isinstance(value, str) and " " in value for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    node = dumper.represent_str(text)
    if "\n" in text:
        node.style = "|"
    elif any(mark in text for mark in (": ", " #")) and len(text) > 60:
        node.style = ">"  # a long text that would need quotes
        node.value = text
    return node


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(tuple, lambda dumper, values: _represent_list(dumper, list(values)))
_Dumper.add_representer(str, _represent_text)


def text_of(data: Mapping[str, Any]) -> str:
    """The YAML of a document's top level."""
    text = yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return str(text).replace(": >\n", ": >-\n").replace("- >\n", "- >-\n").rstrip() + "\n"

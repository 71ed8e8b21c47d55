# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath queries on the result of a module; the library is imported only when a query is given."""

from __future__ import annotations

import traceback
from typing import Any

from ..errors import GcoreError, OptionError


class MissingLibrary(GcoreError):
    """A Python library that the run needs is not installed."""

    kind = "missing_library"

    def __init__(self, library: str, trace: str) -> None:
        super().__init__("The Python library %s is missing." % library)
        self.library = library
        self.trace = trace


def compiled(expression: str) -> Any:
    """Compile an expression; raises OptionError when it is not JMESPath, MissingLibrary without the library."""
    try:
        import jmespath
        from jmespath.exceptions import JMESPathError
    except ImportError as error:
        raise MissingLibrary("jmespath", traceback.format_exc()) from error
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        raise OptionError(
            "query is not a JMESPath expression: %s" % " ".join(str(error).split()), "See https://jmespath.org."
        ) from error


def apply(expression: str, data: Any) -> Any:
    """Apply an expression; raises OptionError when it fails on the data."""
    query = compiled(expression)
    from jmespath.exceptions import JMESPathError

    try:
        return query.search(data)
    except JMESPathError as error:
        raise OptionError(
            "query cannot be applied to the result: %s" % " ".join(str(error).split()), "See https://jmespath.org."
        ) from error

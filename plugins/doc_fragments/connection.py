# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - A permanent API token of your Gcore account.
      - Taken from the environment variable E(GCORE_API_KEY) when it is left out. It has to be given in one of the two ways.
    type: str
  api_url:
    description:
      - The URL of the Gcore API. A trailing slash, C(/cloud) or C(/cloud/v1) is ignored.
      - Taken from the environment variable E(GCORE_BASE_URL) when it is left out.
      - The key is sent to this host alone, and never unencrypted but to a loopback address.
    type: str
    default: https://api.gcore.com
  validate_certs:
    description: Whether the TLS certificate of the API is verified.
    type: bool
    default: true
  ca_path:
    description: A file or folder of certificates in PEM format that is trusted instead of the usual ones.
    type: path
  timeout:
    description: How long one HTTP request may take, in seconds.
    type: float
    default: 30.0
requirements:
  - requests
notes:
  - Requests that change nothing are retried after a fault that may pass; a write is retried only when it is certain that the API did not take it.
  - A rate limit (HTTP 429, or 503 with C(Retry-After)) is waited out until the deadline of the run, 300 seconds where the module has no C(wait_timeout).
    Other faults of requests that only read are retried for about 15 seconds until the API has answered once, and for up to 60 seconds after that;
    while a task is waited for, until the deadline.
  - A proxy is taken from the environment (E(HTTPS_PROXY), E(ALL_PROXY), E(NO_PROXY)), but not for loopback addresses.
"""

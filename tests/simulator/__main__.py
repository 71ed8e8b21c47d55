# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m tests.simulator``: start the simulator."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .app import Settings, Simulator, create_app
from .core.control import FAULTS
from .core.settings import DEMO_KEY, Quirks
from .server import NotLoopback, base_url, bind, connection_facts, serve, write_ready_file


def _pairs(items: list[str], what: str) -> dict[str, Any]:
    pairs = {}
    for item in items:
        key, sign, value = item.partition("=")
        if not sign:
            raise SystemExit(f"{what} takes NAME=VALUE, not {item}")
        try:
            pairs[key] = json.loads(value)
        except ValueError:
            raise SystemExit(f"{what} {key}: {value} is no number") from None
    return pairs


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--speed", type=float, default=20.0, help="simulated seconds in a real one (%(default)s)")
    parser.add_argument(
        "--rate-limit", type=float, metavar="N", help="requests in a simulated second; more get 429 with Retry-After"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="real seconds before each response")
    parser.add_argument("--skew", type=float, default=0.0, metavar="S", help="seconds that the API's clock is ahead")
    parser.add_argument("--seed", type=int, default=1, help="of the durations (default: %(default)s)")
    parser.add_argument("--api-key", default=DEMO_KEY, metavar="KEY", help="the key to accept")
    parser.add_argument("--deprecated", action="store_true", help="serve deprecated routes")
    parser.add_argument("--duration", action="append", default=[], metavar="TYPE=SECONDS",
                        help="of one task type, in simulated seconds; or TYPE=[MIN,MAX]")  # fmt: skip
    parser.add_argument("--quota", action="append", default=[], metavar="NAME=LIMIT", help="e.g. volume_size=100")
    parser.add_argument("--quirk", action="append", default=[], metavar="NAME=VALUE", help="e.g. image_lag=10")
    parser.add_argument("--faults", type=Path, metavar="FILE.json", help="faults to start with")
    parser.add_argument("--record", type=Path, metavar="FILE.jsonl", help="write each request as a JSON line")
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="written when the simulator listens")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Start the simulator and serve until interrupted."""
    given = _arguments(argv)
    try:
        settings = Settings(
            api_key=given.api_key, speed=given.speed, skew=given.skew, latency=given.latency, seed=given.seed,
            rate_limit=given.rate_limit,
            deprecated=given.deprecated, durations=_pairs(given.duration, "--duration"),
            quotas=_pairs(given.quota, "--quota"), quirks=Quirks.model_validate(_pairs(given.quirk, "--quirk")),
        )  # fmt: skip
        sim = Simulator(settings)
        if given.faults:
            faults = json.loads(given.faults.read_text(encoding="utf-8"))
            sim.faults.add(FAULTS.validate_python(faults if isinstance(faults, list) else [faults]))
        listener = bind(given.host, given.port)
    except (ValidationError, NotLoopback, OSError, ValueError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    facts = connection_facts(sim, base_url(listener))
    app = create_app(sim, given.record)

    def ready() -> None:
        print(
            f"export GCORE_BASE_URL={facts['url']} GCORE_API_KEY={facts['api_key']}"
            f" GCORE_CLOUD_PROJECT_ID={facts['project_id']} GCORE_CLOUD_REGION_ID={facts['region_id']}"
            f" GCORE_CLOCK_SPEED={facts['speed']:g}",
            flush=True,
        )
        if given.ready_file:
            write_ready_file(given.ready_file, facts)

    serve(app, listener, ready)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Serves an emulated AWS organization on one port until it is told to stop."""

import argparse
import json
import os
import signal
import socket
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from seed import Seed, SeedError, read

EXIT_BAD_SEED = 2
EXIT_PORT_BUSY = 3


def main() -> int:
    """Run the emulator; the exit code tells a bad seed (2) from a busy port (3)."""
    arguments = _arguments()
    # The port comes first: it takes no time, and importing moto takes seconds.
    try:
        listener = _listen(arguments.host, arguments.port)
    except OSError as error:
        print(
            f"emulator: port {arguments.port} on {arguments.host} cannot be used "
            f"({error.strerror}); stop what listens there or choose another port",
            file=sys.stderr,
        )
        return EXIT_PORT_BUSY
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)  # moto sends some requests to itself

    try:
        seed = read(arguments.seed)
    except SeedError as error:
        print(f"emulator: {arguments.seed}: {error}", file=sys.stderr)
        return EXIT_BAD_SEED

    # moto's modules take the default account over when they are imported. Its
    # environment variable for it would put the calls of all accounts into one.
    import moto.core

    moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = seed.account

    from werkzeug.serving import make_server

    import extensions
    from app import Application, QuietHandler
    from calls import CallLog
    from planting import plant

    extensions.install()
    plant(seed)
    arguments.state_dir.mkdir(parents=True, exist_ok=True)
    with CallLog(arguments.state_dir / "calls.jsonl") as log:
        server = make_server(
            arguments.host,
            port,
            Application(seed, log),
            threaded=True,
            request_handler=QuietHandler,
            fd=listener.fileno(),
        )
        signal.signal(signal.SIGTERM, _exit)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # outlives the terminal
        announcement = arguments.state_dir / "emulator.json"
        _announce(announcement, arguments.host, port, seed)
        try:
            server.serve_forever()
        finally:
            server.server_close()
            announcement.unlink(missing_ok=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, required=True, help="JSON file: what exists at the start")
    parser.add_argument("--state-dir", type=Path, required=True, help="receives emulator.json and calls.jsonl")
    return parser.parse_args()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


def _exit(*_: Any) -> None:
    sys.exit(0)


def _announce(path: Path, host: str, port: int, seed: Seed) -> None:
    """Write emulator.json by rename, so that a reader never sees half of it."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    address = f"[{host}]" if ":" in host else host
    draft.write_text(
        json.dumps(
            {
                "pid": os.getpid(),
                "port": port,
                "endpoint": f"http://{address}:{port}",
                "organizationId": seed.organization.id if seed.organization else "",
                "managementAccount": seed.account,
                "started": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )
        + "\n",
        encoding="utf-8",
    )
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())

"""The `darkroom` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.config import BadSettings, Settings
from app.loading import loading

if TYPE_CHECKING:
    from apiflask import APIFlask


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. Expected failures are one sentence on stderr."""
    from app.errors import AppError

    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.from_environ(os.environ)
        command: Callable[[Settings, argparse.Namespace], int] = arguments.command
        return command(settings, arguments)
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    except AppError as error:
        print(error.message, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="darkroom", description="Make AI images and videos with many models at once.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    commands.add_parser("up", help="start everything in the foreground").set_defaults(command=_up)

    link = commands.add_parser("start-link", help="print the one-time address that makes the owner's account")
    link.set_defaults(command=_start_link)

    database = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="VERB")
    database.add_parser("upgrade", help="bring the tables up to date").set_defaults(command=_db_upgrade)

    user = commands.add_parser("create-user", help="make an account")
    user.add_argument("email")
    user.add_argument("--password-stdin", action="store_true", required=True, help="read the password from stdin")
    user.add_argument("--admin", action="store_true", help="make it an owner account")
    user.add_argument("--plan", choices=["free", "all_inclusive"], default="free")
    user.set_defaults(command=_create_user)

    key = commands.add_parser("api-key", help="make an API key and print it once")
    key.add_argument("email")
    key.add_argument("--name", required=True)
    key.set_defaults(command=_api_key)

    key_ring = commands.add_parser("key-ring", help="what encrypts people's keys at providers")
    key_ring_verbs = key_ring.add_subparsers(required=True, metavar="VERB")
    key_ring_verbs.add_parser("new", help="print a key for the ring").set_defaults(command=_key_ring_new)
    rotate = key_ring_verbs.add_parser("rotate", help="encrypt everything anew with the newest key of the ring")
    rotate.set_defaults(command=_key_ring_rotate)

    doctor = commands.add_parser("doctor", help="check database, Redis, storage and providers")
    doctor.add_argument("--invariants", action="store_true", help="also check what must always hold")
    doctor.add_argument("--settled", action="store_true", help="with --invariants: nothing may be running")
    doctor.set_defaults(command=_doctor)
    return parser


def _app(settings: Settings) -> APIFlask:
    from app import create_app

    with loading():
        return create_app(settings)


def _up(settings: Settings, _: argparse.Namespace) -> int:
    from app.supervisor import run

    return run(settings)


def _start_link(settings: Settings, _: argparse.Namespace) -> int:
    with loading():
        from app import create_bare_app
        from app.accounts import service

        app = create_bare_app(settings)
    with app.app_context():
        link = service.start_link(settings)
    if link is not None:
        print(f"Create the owner's account, once, at: {link}")
    return 0


def _db_upgrade(settings: Settings, _: argparse.Namespace) -> int:
    with loading():
        from flask_migrate import upgrade

        from app import create_bare_app

        app = create_bare_app(settings)
    with app.app_context():
        upgrade()
    return 0


def _create_user(settings: Settings, arguments: argparse.Namespace) -> int:
    from app.accounts import commands

    password = sys.stdin.readline().rstrip("\n")
    with _app(settings).app_context():
        user = commands.create_user(arguments.email, password, admin=arguments.admin, plan=arguments.plan)
        print(user.email)
    return 0


def _api_key(settings: Settings, arguments: argparse.Namespace) -> int:
    from app.accounts import commands

    with _app(settings).app_context():
        print(commands.make_api_key(arguments.email, arguments.name))
    return 0


def _key_ring_new(_: Settings, __: argparse.Namespace) -> int:
    from app.accounts import keyring

    print(keyring.new_key())
    return 0


def _key_ring_rotate(settings: Settings, _: argparse.Namespace) -> int:
    from app.accounts import provider_keys

    with _app(settings).app_context():
        done, lost = provider_keys.reseal_all()
    print(f"{done} encrypted anew, {lost} that no key of the ring opens")
    return 1 if lost else 0


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    from app import doctor

    with _app(settings).app_context():
        findings = doctor.examine()
        if arguments.invariants:
            findings += doctor.invariants(settled=arguments.settled)
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    return 0 if all(finding.ok for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())

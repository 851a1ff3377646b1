"""python -m config.local run | exec -- COMMAND… | psql [ARGUMENT…] | reset [--yes]"""

import sys

from config.env import Environment
from config.local import commands
from config.local.run import Product, run
from config.local.trouble import Trouble, exit_with


def main(arguments: list[str]) -> int:
    if not sys.platform.startswith("linux"):
        raise Trouble("The embedded servers need Linux. Elsewhere use docker-compose.yml.")
    env = Environment.of_this_process()
    match arguments:
        case ["run"]:
            return run(env, product=Product())
        case ["exec", "--", *command] if command:
            return commands.run_with_servers(command, env=env)
        case ["psql", *rest]:
            return commands.psql(rest, env=env)
        case ["reset", *flags] if set(flags) <= {"--yes"}:
            return commands.reset(env=env, sure="--yes" in flags)
    raise Trouble(f"Usage: {__doc__}")


if __name__ == "__main__":
    exit_with(lambda: main(sys.argv[1:]))

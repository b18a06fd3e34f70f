"""The command line of the golden model; the only part of it that needs more than numpy."""

import sys

import click

from golden.command.drift import drift
from golden.command.program import program
from golden.command.sample import sample

__all__ = ["cli", "main"]


@click.group(invoke_without_command=True)
@click.pass_context
def cli(context):
    """Sample arrays of the golden model, measure their drift and their programming."""
    if context.invoked_subcommand is None:
        raise click.UsageError(f"a command is needed, one of {', '.join(cli.commands)}")


for _command in (drift, program, sample):
    cli.add_command(_command)


def main(arguments=None):
    """Run the command line: a refusal is one line on stderr and exit code 2."""
    try:
        cli.main(arguments, prog_name="golden", standalone_mode=False)
    except click.ClickException as error:
        _refuse(error.format_message())
    except ValueError as error:
        _refuse(error)
    except OSError as error:
        _refuse(f"out must be a folder that can be written, not {error.filename}: "
                f"{error.strerror}")
    except MemoryError:
        _refuse("rows and columns must be of an array that fits into memory")
    except click.Abort:
        sys.exit(130)


def _refuse(message):
    click.echo(f"golden: {' '.join(str(message).split())}", err=True)
    sys.exit(2)

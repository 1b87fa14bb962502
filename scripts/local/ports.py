"""Find free ports on the loopback interface."""

import random
import socket

from scripts.local.errors import EmulatorError

HOST = "127.0.0.1"

_PORTS = range(20_000, 32_000)  # below the ephemeral ports: Linux from 32768, others from 49152


def usable_port(port: int, option: str) -> int:
    """Return a free port of the loopback interface.

    Args:
        port: The port to check; 0 for any free port.
        option: The option to choose another port, for the message.

    Returns:
        The port. If `port` is 0, it is reserved for this process and its children.

    Raises:
        EmulatorError: The port is taken or not permitted.
    """
    if port == 0:
        return _reserved_port(option)
    try:
        _try_port(port)
    except (OSError, OverflowError) as error:
        raise EmulatorError(
            f"Port {port} of {HOST} cannot be used ({getattr(error, 'strerror', error)}):"
            f" stop the program that uses it, or choose another with {option} (0: any)."
        ) from error
    return port


def _reserved_port(option: str) -> int:
    """Return a free port that stays free until a child process listens on it.

    The kernel may give a port that it has chosen to the next process. So the port is below the
    ephemeral ports, and a UDP socket with the same number reserves it among processes that use
    this function.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        try:
            reservation.bind((HOST, port))
            _try_port(port)
        except OSError:
            reservation.close()
        else:
            reservation.detach()  # the socket stays open until this process ends
            return port
    raise EmulatorError(f"No port of {HOST} is free: choose one with {option}.")


def _try_port(port: int) -> None:
    with socket.socket() as probe:
        # As servers do, ignore closed connections of the previous run.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))

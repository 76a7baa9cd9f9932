"""supervisord's configuration: fixed text and the names of programs, nothing else (http://supervisord.org/configuration.html).

Paths come from supervisord's own environment. So no path needs the quoting rules of its format, and no descriptor can
bring anything into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from providers.local.spec import Spec

RUNTIME: Final = "PLAT_RUNTIME"
"""The variable with the runtime's folder."""

LOGS: Final = "PLAT_LOGS"
"""The variable with the folder of the programs' logs, every `%` doubled: supervisord expands these paths twice."""

SOCKET: Final = "PLAT_SOCKET"
"""The variable with the path of supervisord's socket."""

LAUNCH: Final = "PLAT_LAUNCH"
"""The variable with the command line, quoted for a shell, that a program's name is put behind to start it."""

START_RETRIES: Final = 5

_HEAD: Final = f"""\
[supervisord]
logfile=%(ENV_{RUNTIME})s/logs/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile=%(ENV_{RUNTIME})s/run/supervisord.pid
umask=077

[unix_http_server]
file=%(ENV_{SOCKET})s
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM: Final = """
[program:{name}]
command=%(ENV_{launch})s {name}
priority={order}
autostart=false
autorestart=true
startsecs=1
startretries={retries}
stopsignal={signal}
stopwaitsecs={seconds}
stopasgroup={as_group}
killasgroup=true
redirect_stderr=true
stdout_logfile=%(ENV_{logs})s/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


def render(specs: Iterable[Spec]) -> str:
    """Return the configuration for the programs of `specs`.

    Nothing starts by itself with supervisord (order matters, and what is stopped is to stay so), but whatever has been
    started and dies is started again.
    """
    programs = (
        _PROGRAM.format(
            name=spec.name,
            order=spec.order,
            signal=spec.stop_signal,
            seconds=spec.stop_seconds,
            as_group=str(spec.stop_as_group).lower(),
            retries=START_RETRIES,
            launch=LAUNCH,
            logs=LOGS,
        )
        for spec in specs
    )
    return _HEAD + "".join(programs)

"""The implementation of `bootstrap.py`: find a Python, create the environment, run the engines and the processes.

    paths, console             project paths, messages, `LauncherError`
    interpreter, install       run before `.venv` exists: standard library only, Python 3.8 syntax
    engines                    embedded PostgreSQL and Valkey
    supervisor, reaper         start, restart and stop processes
    data_directory             the lock and the state of a data directory
    demo, prepare, selfcheck   the command `demo`
    dev                        the command `dev`
    documentation              the command `docs`
    suite, template_cluster    the command `test`
    containers, compose        the command `test --containers`
    bundle                     the commands `bundle` and `test --bundle`

No application imports this package, and this package imports no application: it uses `manage.py` and HTTP.
"""

"""What `bootstrap.py` does: find a Python, make the environment, run the engines and the product's processes.

    interpreter → install      before there is an environment: standard library only, old Pythons too
    engines                    embedded PostgreSQL and Valkey
    supervisor, keeper         processes that end together, whatever ends first
    demo, prepare, selfcheck   the command `demo`
    suite                      the command `test`

No application imports this package, and it imports none of them: it speaks to the product by `manage.py` and by HTTP.
"""

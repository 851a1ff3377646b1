# One image; `docker/start` decides which process it becomes.
FROM python:3.13-slim AS libraries

COPY requirements.lock /tmp/
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --no-deps \
    --require-hashes --only-binary :all: -r /tmp/requirements.lock


FROM python:3.13-slim

ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin callwright
COPY --from=libraries /opt/venv /opt/venv

WORKDIR /srv/callwright
COPY . .
# Collecting files asks no server anything, yet settings want addresses.
RUN SECRET_KEY=none DATABASE_URL=postgresql://none@localhost/none REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q .

# Nothing is written but under /tmp, so the root may be read-only.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "docker/healthy", "web"]
ENTRYPOINT ["docker/start"]
CMD ["web"]

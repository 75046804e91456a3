# The copilot as a service: hash-pinned dependencies, no root, writes only to /data.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY src src
# Installed in place: runbooks and migrations are found beside the source, as in a clone.
RUN .venv/bin/python -m pip install --no-build-isolation --no-deps -e . \
    && .venv/bin/python -m compileall -q src
COPY migrations migrations
COPY runbooks runbooks
COPY prices.yaml ./

FROM python:3.11-slim
COPY --from=build /app /app
RUN mkdir /data && chown 10001:10001 /data
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    COPILOT_HOST=0.0.0.0 COPILOT_PORT=8420 \
    COPILOT_DATABASE_URL=sqlite+aiosqlite:////data/copilot.db \
    COPILOT_CONFIG_FILE=/config/copilot.yaml COPILOT_CATALOG_FILE=/config/catalog.yaml
USER 10001:10001
VOLUME /data
EXPOSE 8420
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"COPILOT_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["incident-copilot"]
CMD ["serve"]

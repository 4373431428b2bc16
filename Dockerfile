# syntax=docker/dockerfile:1
# Debian 12, because its MariaDB client still accepts the certificate that MySQL signs for itself.
FROM python:3.12-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# The compiler and the headers that mysqlclient needs stay in this stage.
FROM base AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential default-libmysqlclient-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /venv
COPY requirements.txt requirements-mysql.txt requirements-aliyun.txt requirements-s3.txt constraints.txt ./
RUN /venv/bin/pip install --constraint constraints.txt \
    --requirement requirements.txt --requirement requirements-mysql.txt \
    --requirement requirements-aliyun.txt --requirement requirements-s3.txt

FROM base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin meiduo
ENV PATH=/venv/bin:$PATH DJANGO_SETTINGS_MODULE=meiduo.settings.prod
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# The code stays root's; a new named volume takes over the owner of the directory it is mounted on.
RUN mkdir --parents keys media var/private var/search \
    && SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput --verbosity 0 \
    && chown --recursive meiduo keys media var
USER meiduo

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s CMD ["python", "bin/healthy.py"]
# One process per core: GRANIAN_WORKERS. Threads wait for the database, so there are more of them.
ENV GRANIAN_WORKERS=2 GRANIAN_BLOCKING_THREADS=4
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers-kill-timeout", "20", "--respawn-failed-workers", "--static-path-route", "/media", "--static-path-mount", "media", "meiduo.wsgi:application"]

# workqueue-spec as an image, to judge programs on a broker that runs already:
#     docker build --tag workqueue-spec .
#     docker run --rm --network=host --volume "$PWD:/work" workqueue-spec \
#         check --broker amqp://guest:guest@localhost:5672/ --worker "python3 worker.py"
# The programs run in the container, so BASE has to hold what they need: an image of Debian or one made from it, such as
# node:22-bookworm. Python 3.11 or newer is installed if BASE has none.
ARG BASE=python:3.13-slim

FROM ${BASE} AS python
USER root
# tini is the first process: it reaps what a killed program leaves, which the suite waits for.
RUN packages=tini; \
    python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || packages="$packages python3 python3-venv"; \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages \
    && rm -rf /var/lib/apt/lists/*

FROM python AS installed
COPY . /source
RUN python3 -m venv /opt/workqueue-spec \
    && /opt/workqueue-spec/bin/pip install --no-cache-dir --disable-pip-version-check /source

FROM python
COPY --from=installed /opt/workqueue-spec /opt/workqueue-spec
RUN ln -s /opt/workqueue-spec/bin/workqueue-spec /usr/local/bin/ \
    && useradd --create-home --uid 10001 spec \
    && mkdir /work && chown spec /work
USER spec
WORKDIR /work
ENTRYPOINT ["tini", "--", "workqueue-spec"]
CMD ["--help"]

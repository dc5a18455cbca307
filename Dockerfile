# The Telegram bot, or any other command: docker run --rm -it newsdesk chat
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY newsdesk newsdesk
COPY bot bot
COPY retrieval retrieval
COPY corpus corpus
COPY prompts prompts
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 newsdesk && install -d -o newsdesk -g newsdesk /archive
COPY --from=build /venv /venv
ENV NEWSDESK_HOME=/archive NEWSDESK_LOG=json PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/newsdesk
VOLUME /archive
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --retries=3 \
    CMD ["/venv/bin/newsdesk", "status"]
ENTRYPOINT ["/venv/bin/newsdesk"]
CMD ["telegram"]

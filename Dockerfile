# syntax=docker/dockerfile:1
# The service with both databases. The final image holds the binary, libpq and nothing to build with; it runs as a
# user without rights, writes only to /data and /tmp, and its health check asks the service itself.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ make cmake libc6-dev libpq-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY .cargo .cargo
COPY migrations migrations
COPY src src
RUN cargo build --release --locked --features postgres

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl libpq5 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin registry \
    && install -d -o registry -g registry -m 0700 /data
COPY --from=build /src/target/release/partnership-registry /usr/local/bin/partnership-registry
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV DATABASE_URL=sqlite:///data/registry.db REGISTRY_DATA_DIR=/data REGISTRY_BIND=0.0.0.0:8080 TMPDIR=/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 \
    CMD ["curl", "-fsS", "http://127.0.0.1:8080/health/ready"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["partnership-registry"]
CMD ["serve"]

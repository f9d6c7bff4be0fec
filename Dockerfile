# syntax=docker/dockerfile:1
# The service with both databases. The final image holds the binary, the libraries that it is linked with, certificates and
# busybox, which asks the service how it is; there is no package manager, and nothing to build with. It runs as a user without
# rights and writes only to /data and /tmp.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc g++ make cmake libc6-dev libpq-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Dependencies are a layer of their own: a change of the code compiles the code alone.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
    && cargo build --release --locked --features postgres,parquet && rm -r src
COPY build.rs ./
COPY migrations migrations
COPY src src
# The time of a file that is copied may be older than what was built from the stand-ins.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked --features postgres,parquet

# What the final image holds, collected below /image: each file with the record of its package, for scanners, and its licence.
FROM debian:bookworm-slim AS image
RUN apt-get update && apt-get install -y --no-install-recommends busybox ca-certificates libpq5 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/partnership-registry /image/usr/local/bin/partnership-registry
RUN set -eu; mkdir -p /image/etc /image/var/lib/dpkg/status.d; \
    libraries=$(ldd /image/usr/local/bin/partnership-registry /bin/busybox | grep -o '/[^ ]*[^ :]' | grep '/lib' | sort -u); \
    cp -L --parents $libraries /bin/busybox /etc/ssl/certs/ca-certificates.crt /image; \
    for file in $libraries /bin/busybox; do dpkg -S "$file" 2>/dev/null || dpkg -S "/usr$file"; done | cut -d: -f1 | sort -u > /packages; \
    for package in $(cat /packages) ca-certificates; do \
        dpkg-query -s "$package" > "/image/var/lib/dpkg/status.d/$package"; cp --parents "/usr/share/doc/$package/copyright" /image; \
    done; \
    echo 'registry:x:10001:10001::/data:/usr/sbin/nologin' > /image/etc/passwd; \
    echo 'registry:x:10001:' > /image/etc/group; \
    echo 'hosts: files dns' > /image/etc/nsswitch.conf; \
    install -d -m 1777 /image/tmp; install -d -o 10001 -g 10001 -m 0700 /image/data

FROM scratch
COPY --from=image /image /
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV DATABASE_URL=sqlite:///data/registry.db REGISTRY_DATA_DIR=/data REGISTRY_BIND=0.0.0.0:8080 TMPDIR=/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 \
    CMD ["/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/health/ready"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/partnership-registry"]
CMD ["serve"]

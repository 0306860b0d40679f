# Atelier with its models and ONNX Runtime inside, for CPU.
#
#     docker build -t atelier . && docker run --rm -p 8080:8080 atelier
#
# `make image-test` builds and tries it where no Docker engine runs.

FROM debian:trixie-slim AS library
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3-pip \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/install-onnxruntime /opt/scripts/
RUN /opt/scripts/install-onnxruntime --into /opt/onnxruntime


FROM rust:1.95-slim-trixie AS build
WORKDIR /build
# Dependencies change less often than the code, so they are compiled first, for an empty crate, in a
# layer of their own.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir -p src benches/bare && touch src/lib.rs \
    && echo 'fn main() {}' | tee src/main.rs benches/workers.rs > benches/bare/main.rs \
    && cargo build --release --locked
COPY src src
# Cargo compares times, and a checkout may be older than the empty crate.
RUN touch src/lib.rs src/main.rs && cargo build --release --locked


FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Atelier" \
      org.opencontainers.image.description="Paints pictures with generative models exported to ONNX" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

# Numeric below, so that Kubernetes' runAsNonRoot can check it.
RUN groupadd --gid 10001 atelier \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin atelier

COPY LICENSE-MIT LICENSE-APACHE NOTICE /usr/share/doc/atelier/
COPY --from=library /opt/onnxruntime/LICENSE /opt/onnxruntime/ThirdPartyNotices.txt /usr/share/doc/onnxruntime/
# The binary looks for the library in ../lib, seen from itself.
COPY --from=library /opt/onnxruntime/lib/ /usr/local/lib/
# Whom webhooks go to must have a certificate that somebody here vouches for.
COPY --from=library /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /build/target/release/atelier /usr/local/bin/
COPY onnx /usr/share/atelier/onnx
# Off until it is given a key: ATELIER_WATERMARK=/usr/share/atelier/watermark and ATELIER_WATERMARK_KEY.
COPY watermark/watermark.toml watermark/encoder.onnx watermark/decoder.onnx watermark/README.md /usr/share/atelier/watermark/

ENV ORT_DISABLE_TELEMETRY=1 \
    ATELIER_LISTEN=0.0.0.0:8080 \
    ATELIER_MODELS=/usr/share/atelier/onnx

# Others can reach it, so it wants to know who may use it: give it keys (ATELIER_KEYS, a file that
# `atelier keys add` wrote, or ATELIER_API_KEY), or let everybody in with ATELIER_OPEN=true.
USER 10001:10001
EXPOSE 8080
# It drains on SIGTERM: finishes what it has admitted, refuses what is new.
STOPSIGNAL SIGTERM
# Large models take minutes to load. Until then failures don't count; the first success does.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15m CMD ["atelier", "healthcheck"]
ENTRYPOINT ["atelier"]
CMD ["serve"]

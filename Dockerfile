# The gateway: `docker build -t bedrock-stream .`. It has not been built by this repository's checks, which have no Docker.
# docs/installing.md says how to run it.
FROM rust:1-slim-bookworm AS build
RUN apt-get update -q && apt-get install -qy --no-install-recommends gcc libc6-dev
WORKDIR /source
COPY . .
RUN cargo build --locked --release -p bedrock-stream-cli

FROM debian:bookworm-slim
# The root certificates, by which Bedrock's is verified.
RUN apt-get update -q && apt-get install -qy --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/target/release/bedrock-stream /usr/local/bin/
USER 65534:65534
EXPOSE 8080
# A second process in the container would only be in the way of SIGTERM, at which open answers may end.
ENTRYPOINT ["bedrock-stream", "gateway", "--listen", "0.0.0.0:8080"]
# Beyond loopback it demands keys: one a line in this file. No terminal shows the log, so it must be asked for.
CMD ["--api-key-file", "/gateway/keys", "--log", "always"]

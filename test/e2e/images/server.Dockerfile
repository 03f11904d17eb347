# A server of this machine with its libraries, where the official image can't be pulled. The context is a root folder
# that build.sh lays out.
FROM docker.io/library/debian:bookworm-slim
COPY . /
RUN echo 'server:x:999:999::/data:/bin/sh' >> /etc/passwd && echo 'server:x:999:' >> /etc/group
STOPSIGNAL SIGINT
USER 999:999
ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]

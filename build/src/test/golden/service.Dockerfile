# syntax=docker/dockerfile:1
# escape=\

FROM --platform=$BUILDPLATFORM debian:12
MAINTAINER somebody <s@example.org>
ARG VERSION=1 DEBUG
ENV PATH=$PATH:/opt/bin LANG="C.UTF-8"
LABEL org.example.name="the service" \
      org.example.version=$VERSION
RUN apt-get update && \
    # not part of it
    apt-get install -y curl
SHELL ["/bin/bash", "-c"]
WORKDIR /srv
COPY --chown=1000:1000 --chmod=0644 ["a file", "another", "dir/"]
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/x.tar /x/
EXPOSE 443/tcp 80 8000-8010/udp
VOLUME /data /cache
VOLUME ["/with space"]
USER www-data:www-data
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5m --timeout=3s CMD curl -f http://localhost/ || exit 1
ONBUILD COPY . /srv
entrypoint ["/entry", "--flag"]
cmd serve --all

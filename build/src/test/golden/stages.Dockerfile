ARG BASE=alpine
ARG TAG
FROM ${BASE}:${TAG:-3} AS Build
RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=token --network=none make
FROM scratch
COPY --from=build --link --parents --exclude=*.o --exclude=*.a out/ /
COPY --from=0 <<-"EOF" <<two /etc/
	tabs $stay
	EOF
two lines
of $text
two
RUN <<EOF
set -e
echo "$HOME"
EOF

# Sourced by the scripts of this checkout; not run by itself. Sets `root` and changes into it.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root" || exit

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_jdk_25() {
    [ -x "$1/bin/javac" ] && grep -qs '^JAVA_VERSION="25[".]' "$1/release"
}

# Exports JAVA_HOME: the caller's if it is a JDK 25, else the first one where Debian puts JDKs.
find_jdk() {
    local home
    for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*25* /opt/*jdk*25*; do
        if is_jdk_25 "$home"; then
            export JAVA_HOME=$home
            return
        fi
    done
    die "no JDK 25 in JAVA_HOME or /usr/lib/jvm: install one (temurin-25-jdk or openjdk-25-jdk-headless) or set JAVA_HOME"
}

# Maven of the machine, on JDK 25, which says only what is wrong.
maven() {
    command -v mvn >/dev/null || die "no mvn: install Debian's package maven"
    MAVEN_OPTS="-XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
        mvn --batch-mode --no-transfer-progress -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"
}

# What a build of the runtime reads. Folders count too, so that a removed file is seen.
sources_newer_than() {
    [ -n "$(find pom.xml ./*/pom.xml ./*/src/main scripts -newer "$1" -print -quit)" ]
}

# Builds jars and rung-exec and lays them out in .rung, unless nothing changed since the last time.
build_if_stale() {
    local stamp=.rung/stamp
    if [ -e $stamp ] && ! sources_newer_than $stamp; then
        return
    fi
    mkdir -p .rung
    (
        flock 9
        if [ -e $stamp ] && ! sources_newer_than $stamp; then
            exit
        fi
        find_jdk
        touch .rung/stamp.next
        maven -T2 --projects daemon --also-make -DskipTests package >&2
        scripts/install --prefix "$root/.rung" >&2
        mv .rung/stamp.next $stamp
    ) 9>.rung/lock
}

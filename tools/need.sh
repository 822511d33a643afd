#!/bin/sh
# need.sh go|cc|python|java: one clear line and exit code 1 when a tool is missing or too old.
# GO, PYTHON, KINDLING_IGNITE and JAVA_HOME are read from the environment.
set -eu
go_min=1.26
python_min=3.10
java_min=17

missing() {
  echo "make: $*" >&2
  exit 1
}

# older WANTED HAVE: compares the first two numbers of two versions.
older() {
  awk -v want="$1" -v have="$2" 'BEGIN { split(want, w, "."); split(have, h, "."); exit !(h[1]*1000+h[2] < w[1]*1000+w[2]) }'
}

case $1 in
go)
  have=$("$GO" env GOVERSION 2>/dev/null) || missing "Go $go_min or newer is needed: no '$GO' here, see https://go.dev/dl/"
  have=${have#go}
  if older $go_min "$have"; then missing "Go $go_min or newer is needed: '$GO' is $have, see https://go.dev/dl/"; fi
  ;;
cc)
  cc=$("$GO" env CC)
  command -v "${cc%% *}" >/dev/null || missing "a C compiler is needed for libkindling: no '$cc' here, install gcc or clang"
  ;;
python)
  have=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
    missing "Python $python_min or newer is needed: no '$PYTHON' here (PYTHON=... names another)"
  if older $python_min "$have"; then missing "Python $python_min or newer is needed: '$PYTHON' is $have (PYTHON=... names another)"; fi
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing "Python's venv module is needed: install python3-venv"
  ;;
java)
  [ "$KINDLING_IGNITE" = require ] || exit 0
  why="for the tests against a real Apache Ignite (KINDLING_IGNITE=off leaves them out)"
  have=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n '1s/.*"\([0-9][0-9]*\).*/\1/p') || have=
  [ -n "$have" ] || missing "a JDK of Java $java_min or newer is needed $why: no 'java' in JAVA_HOME or PATH"
  [ "$have" -ge $java_min ] || missing "a JDK of Java $java_min or newer is needed $why: this is Java $have"
  "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -version >/dev/null 2>&1 || missing "a JDK of Java $java_min or newer is needed $why: this Java has no compiler"
  [ -f .build/ignite/2.17.0/lib/pom.xml ] || command -v mvn >/dev/null ||
    missing "Maven is needed once to fetch Ignite's jars, $why: no 'mvn' here"
  ;;
esac

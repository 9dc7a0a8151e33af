#!/bin/sh
# Starts nginx, and has it read its configuration again when an address of a service has changed: nginx
# resolves names once, and a container that compose replaces or adds has another address.
set -eu

addresses() {
  for name in registry evaluation reporting lists follower; do
    getent ahosts "$name" | sed "s/ .*/ $name/" | sort -u
  done
}

follow() {
  while sleep 2; do
    found=$(addresses)
    if [ "$found" != "$known" ] && nginx -s reload; then known=$found; fi
  done
}

known=$(addresses)
follow &
exec nginx -g "daemon off;"

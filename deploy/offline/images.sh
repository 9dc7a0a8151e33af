#!/bin/sh
# Makes the images that docker-compose.yml and deploy/Dockerfile name, from Debian's packages by debootstrap
# and podman: for a machine that reaches Debian's mirror but no registry of images. As root; three
# minutes. The mirror is the one of this machine's apt. Grafana is not in Debian.
set -eu
cd "$(dirname "$0")"

if ! podman image exists localhost/debian:bookworm; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' | head -n 1)
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
  rm -rf "$root"/var/cache/apt/archives/*.deb
  tar --create --directory "$root" . | podman import --quiet - localhost/debian:bookworm
fi

# The image of the proxy, and so on, by the names in the compose file.
image() { sed -n "s|^ *image: \(\S*$1:\S*\)$|\1|p" ../../docker-compose.yml; }
make_image() {
  podman build --quiet --network host --pull=never --target "$1" --tag "$2" .
}
make_image python docker.io/library/"$(sed -n 's/^FROM \(python:\S*\)$/\1/p' ../Dockerfile)"
make_image postgres docker.io/library/"$(image postgres)"
make_image redis docker.io/library/"$(image redis)"
make_image nginx docker.io/"$(image nginx-unprivileged)"
make_image prometheus docker.io/"$(image prom/prometheus)"

#!/bin/sh
# read.sh KEY.pem URL
# A publisher's own receipts, parked and refused events. Needs openssl 3 and curl.
set -eu

key=$1 url=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key_id=$({ printf '\001'; openssl pkey -in "$key" -pubout -outform DER | tail -c 32; } |
  openssl dgst -sha256 -binary | head -c 16 | openssl base64 -A | tr '+/' '-_' | tr -d '=')

rest=${url#*://}
authority=$(printf %s "${rest%%/*}" | tr '[:upper:]' '[:lower:]')
target=/${rest#*/}
path=${target%%\?*}
query=${target#"$path"}
parameters="(\"@method\" \"@authority\" \"@path\" \"@query\");created=$(date +%s);keyid=\"$key_id\";alg=\"ed25519\""
# The last line has no end of line.
printf '"@method": GET\n"@authority": %s\n"@path": %s\n"@query": %s\n"@signature-params": %s' \
  "$authority" "$path" "${query:-?}" "$parameters" > "$work/base"
signature=$(openssl pkeyutl -sign -rawin -inkey "$key" -in "$work/base" | openssl base64 -A)
curl --silent --show-error --header "Signature-Input: dvk=$parameters" --header "Signature: dvk=:$signature:" "$url"

#!/bin/sh
# sign.sh KEY.pem REALM < event.json > signed.json
# sign.sh request KEY.pem REALM PUBLISHER          the request for the grantor
# Needs openssl 3 and jq. The event is in NFC, as all text of the ledger.
set -eu

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
public() { openssl pkey -in "$key" -pubout -outform DER | tail -c 32; }
signed() { openssl pkeyutl -sign -rawin -inkey "$key" -in "$work/statement" | base64url; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$1" = request ]; then
  key=$2 realm=$3 publisher=$4
else
  key=$1 realm=$2
fi
key_id=$({ printf '\001'; public; } | openssl dgst -sha256 -binary | head -c 16 | base64url)

if [ "$1" = request ]; then
  printf 'dvk-key/v1\n%s\n%s\n%s\n' "$realm" "$publisher" "$key_id" > "$work/statement"
  jq -cn --arg publisher_id "$publisher" --arg realm "$realm" \
    --arg key "ed25519:$(public | base64url)" --arg proof "$(signed)" \
    '{publisher_id: $publisher_id, key: $key, proof: $proof, realm: $realm}'
  exit
fi

salt=$(openssl rand 16 | base64url)
jq -cS --arg key "$key_id" --arg salt "$salt" \
  'del(.signature) | .signkey = $key | .signsalt = $salt' > "$work/event"
# The leaf is SHA-256(0x00, the record in canonical form); a single event is a tree of one leaf.
{ printf '\000'; tr -d '\n' < "$work/event"; } | openssl dgst -sha256 -binary > "$work/root"
printf 'dvk-events/v1\n%s\n%s\n1\n%s\n' \
  "$realm" "$key_id" "$(openssl base64 -A -in "$work/root")" > "$work/statement"
jq -c --arg signature "0/1.$(signed)" '.signature = $signature' "$work/event"

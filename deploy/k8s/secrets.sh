#!/bin/sh
# Prints every Secret of the ledger with random passwords and keys, once for each ledger:
# deploy/k8s/secrets.sh > secrets.yaml && kubectl create --filename secrets.yaml
# `secrets.sh small` names one Redis without sentinels, for the overlay of that name.
# Keep the file in a safe, apart from every backup of the database, and nowhere else.
set -eu
umask 077

secret() { printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: dvk}\nstringData:\n' "$1"; }
word() { openssl rand -hex 24; }
address() { printf 'postgresql://dvk_%s:%s@postgres-rw:5432/dvk?sslmode=require' "$1" "$2"; }

redis=$(word)
secret redis
printf '  password: "%s"\n' "$redis"
redis_url="redis+sentinel://:$redis@redis-sentinel:26379/dvk?sentinel_password=$redis"
if [ "${1-}" = small ]; then redis_url="redis://:$redis@redis-master:6379/0"; fi

passwords=""
for role in owner registry evaluation reporting lists people sealer; do
  password=$(word)
  variable=DVK_$(printf %s "$role" | tr '[:lower:]' '[:upper:]')_PASSWORD
  passwords="$passwords  $variable: \"$password\"
"
  name=DATABASE_URL
  if [ "$role" = people ]; then name=DVK_PEOPLE_URL; fi
  secret "$role"
  printf '  %s: %s\n' "$name" "$(address "$role" "$password")"
  case $role in
    registry | evaluation | reporting)
      # With users of Redis (docs/operations.md): redis+sentinel://registry:PASSWORD@redis-sentinel…
      printf '  REDIS_URL: %s\n' "$redis_url"
      ;;
  esac
done

# The passwords with which the job `roles` creates the roles.
secret roles
printf '%s  DVK_READER_PASSWORD: "%s"\n' "$passwords" "$(word)"

# The key that signs checkpoints, in the form of `dvk key new`.
secret seal-key
printf '  seal.key: dvk-secret-key/ed25519 %s\n' "$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')"

# The key that opens the list desk's state: 32 bytes.
secret lists-key | sed 's/^stringData:/data:/'
printf '  lists.key: %s\n' "$(openssl rand -base64 32)"

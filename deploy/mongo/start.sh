#!/usr/bin/env bash
# Starts mongod as a replica set of one node (transactions and change streams need one) in which clients and members must
# prove who they are. The members' common key is made at the first start and stays with the data.
set -euo pipefail

key=/data/db/replica-set.key
if [[ ! -s "$key" ]]; then
    (umask 077 && head -c 512 /dev/urandom | base64 --wrap 0 >"$key.new")
    mv "$key.new" "$key"
fi
# Volumes of Kubernetes open files to their group, and mongod takes no key that others can read.
chmod 600 "$key"
# The image's own way in: it gives the files to the user that mongod runs as.
exec docker-entrypoint.sh mongod --replSet rs0 --bind_ip_all --keyFile "$key"

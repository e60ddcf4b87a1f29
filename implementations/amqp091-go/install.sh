#!/bin/sh
# Compiles into build/, with the modules of go.sum.
set -e
command -v go >/dev/null || {
    echo "There is no go (Go 1.24 or newer) on this machine. Install it, or leave this implementation out." >&2
    exit 1
}
go build -mod=readonly -o build/ ./new_task ./worker
go list -m github.com/rabbitmq/amqp091-go >build/version

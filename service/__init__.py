"""The service: runs in a queue, events in a durable log, and HTTP with one websocket in front of them."""

VERSION = "0.1.0"

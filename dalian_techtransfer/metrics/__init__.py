"""Prometheus metrics at /metrics, off without METRICS_TOKEN and METRICS_ADDRESSES (docs/operations/monitoring.md).

`requests` counts in each web process, `tasks` in each process of a worker, `installation` asks database and broker when
somebody scrapes.
"""

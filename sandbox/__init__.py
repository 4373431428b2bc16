"""Stands in for Alipay on a machine that cannot reach it: a process of its own, no money moves.

It is written from what the provider publishes, not from the shop's gateways, and shares no code
with them: two implementations check each other.
"""

"""Stands in for the payment providers on a machine that cannot reach them: no money moves.

A process of its own, with a package for each provider upon one ledger.

It is written from what the provider publishes, not from the shop's gateways, and shares no code
with them: two implementations check each other.
"""

"""Alipay's gateway protocol, RSA2, by key or by certificates.

Pure are ``signing``, ``certificates``, ``answers``, ``fields`` and ``bill_file``; ``line`` calls; the others say what
each question consists of and what its answer means; ``gateway`` puts them together.
"""

from apps.payment.gateways.alipay.gateway import AlipayGateway

__all__ = ["AlipayGateway"]

"""Alipay's protocol, as a merchant sees it."""

NAME = "alipay"

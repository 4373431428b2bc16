"""WeChat Pay's API v3 as a merchant sees it; WeChat Pay itself offers no sandbox for it."""

NAME = "wechatpay"

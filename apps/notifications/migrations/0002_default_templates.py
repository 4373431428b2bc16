from django.db import migrations

# Event: title and text in Chinese, then in English.
TEXTS = {
    "order_paid": (
        ("订单 {order_id} 已付款", "您的订单 {order_id} 已付款 {amount} 元，我们会尽快发货。"),
        (
            "Order {order_id} is paid",
            "We received CNY {amount} for your order {order_id} and will ship it soon.",
        ),
    ),
    "order_shipped": (
        (
            "订单 {order_id} 已发货",
            "您的订单 {order_id} 已由{carrier}发出，运单号 {tracking_number}。",
        ),
        (
            "Order {order_id} is on its way",
            "Your order {order_id} was shipped with {carrier}, number {tracking_number}.",
        ),
    ),
    "order_refunded": (
        ("订单 {order_id} 已退款", "您的订单 {order_id} 已退款 {amount} 元，将按原支付方式退回。"),
        (
            "Refund for order {order_id}",
            "CNY {amount} of your order {order_id} went back the way it was paid.",
        ),
    ),
    "order_canceled": (
        ("订单 {order_id} 已取消", "您的订单 {order_id} 已取消。{reason}"),
        ("Order {order_id} is canceled", "Your order {order_id} was canceled. {reason}"),
    ),
    "after_sale_decided": (
        (
            "订单 {order_id} 的售后申请有了结果",
            "您的订单 {order_id} 的售后申请：{decision}。{reason}",
        ),
        (
            "Your request about order {order_id}",
            "Your after-sales request about order {order_id}: {decision}. {reason}",
        ),
    ),
    "invoice_issued": (
        (
            "订单 {order_id} 的发票已开具",
            "您的订单 {order_id} 的发票已开具，发票号码 {invoice_number}。",
        ),
        (
            "Invoice for order {order_id}",
            "The invoice for your order {order_id} was issued: number {invoice_number}.",
        ),
    ),
}
ON = {("order_shipped", "email"), ("order_refunded", "email")}
SIGNED = {"zh-hans": "\n\n{shop}", "en": "\n\n{shop}"}


def add(apps, schema_editor):
    """SMS are off until somebody enters the number of a template that the provider approved."""
    alias = schema_editor.connection.alias
    templates = apps.get_model("notifications", "Template").objects.using(alias)
    for event, texts in TEXTS.items():
        for language, (title, text) in zip(SIGNED, texts, strict=True):
            for channel in ("sms", "email"):
                is_mail = channel == "email"
                templates.get_or_create(
                    event=event,
                    channel=channel,
                    language=language,
                    defaults={
                        "is_active": (event, channel) in ON,
                        "title": title if is_mail else "",
                        "text": f"{text.rstrip()}{SIGNED[language]}" if is_mail else text,
                    },
                )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_outbox")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]

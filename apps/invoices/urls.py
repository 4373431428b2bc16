from django.urls import path, re_path

from apps.invoices import views

urlpatterns = [
    path("invoice_titles/", views.TitleListView.as_view(), name="invoice-titles"),
    path("invoice_titles/<int:pk>/", views.TitleView.as_view(), name="invoice-title"),
    path(
        "invoice_titles/<int:pk>/default/",
        views.DefaultTitleView.as_view(),
        name="invoice-title-default",
    ),
    re_path(
        r"^orders/(?P<order_id>\d{1,32})/invoice/$",
        views.OrderInvoiceView.as_view(),
        name="order-invoice",
    ),
    path("invoices/pdf/<str:token>/", views.InvoicePDFView.as_view(), name="invoice-pdf"),
]

from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Says nothing of the database or Redis, which a restart would not mend."""
    return HttpResponse("ok", content_type="text/plain")

"""Is this process able to serve? One cheap query, no personal data (R9.7)."""

from django.db import connection
from django.http import HttpRequest, JsonResponse


def health_view(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # any failure to reach the database means "not able to serve"
        return JsonResponse({"status": "database_unreachable"}, status=503)
    return JsonResponse({"status": "ok"})

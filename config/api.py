"""The HTTP API put together: the rooms' operations, the page that explains them, and problems for all that fails."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.api import me, problems
from accounts.api.application import Api
from config import reference
from exports import api as exports_api

DESCRIPTION = """\
Push to Callwright, and learn what happened. Answers are JSON; failures are `application/problem+json` with a
sentence that says what to do. Lists come newest first, a page at a time. A POST that carries an `Idempotency-Key`
may be repeated safely.
"""

api = Api(
    title="Callwright API",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    servers=[{"url": "/", "description": "This installation"}],
)
api.add_router("", me.router)
api.add_router("", exports_api.router)

urlpatterns = [
    path("api/v1/", api.urls),
    path("docs/api/", reference.page_for(api), name="api_reference"),
]


def problems_for_programs(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What Django itself refuses under /api/ (no such path, wrong method or host, a crash) is a page; not here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_problem = response.get("Content-Type", "").startswith(problems.MEDIA_TYPE)
        if response.status_code >= 400 and not is_problem and request.path.startswith("/api/"):
            _turn_into_problem(request, response)
        return response

    return middleware


def _turn_into_problem(request: HttpRequest, response: HttpResponse) -> None:
    """In place, so that headers stay: Allow, and those of safety."""
    problem = problems.answer(problems.of_status(response.status_code), request, status=response.status_code)
    response.content = problem.content
    response["Content-Type"] = problems.MEDIA_TYPE
    response["Cache-Control"] = "no-store"
    if "Content-Length" in response:
        response["Content-Length"] = str(len(problem.content))

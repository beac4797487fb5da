"""The description of the API, against the programs and the public pages."""

import re

from lib.rest import http_call
from lib.routes import routes
from lib.runner import test
from lib.wait import until


@test
def every_route_is_described_and_nothing_else(w):
    listed = {(r.method, r.path) for r in routes()}
    described = w.openapi.routes()
    public = {r for r in listed if r in described or
              r[1].startswith(("/api", "/health", "/openapi.json"))}
    assert public - described == set(), "not described"
    assert described - listed == set(), "described, but no route"


@test
def description_is_openapi_31_and_complete(w):
    document = w.openapi.document
    assert document["openapi"].startswith("3.1."), document["openapi"]
    assert document["info"]["title"] and document["info"]["version"]
    for method, path in sorted(w.openapi.routes()):
        operation = document["paths"][path][method.lower()]
        where = f"{method} {path}"
        assert operation.get("summary"), where
        assert operation.get("responses"), where
        named = set(re.findall(r"\{(\w+)\}", path))
        told = {w.openapi.resolve(p)["name"]
                for p in document["paths"][path].get("parameters", []) +
                operation.get("parameters", [])
                if w.openapi.resolve(p)["in"] == "path"}
        assert named == told, (where, named, told)
        for status, response in operation["responses"].items():
            response = w.openapi.resolve(response)
            assert response["description"], (where, status)
            for media, content in response.get("content", {}).items():
                assert "schema" in content or "html" in media, \
                    (where, status, media)


@test
def examples_are_what_they_explain(w):
    told = [(name, schema, example)
            for name, schema in w.openapi.document["components"][
                "schemas"].items()
            for example in schema.get("examples", [])]
    assert told
    for name, schema, example in told:
        wrong = w.openapi.errors(schema, example)
        assert not wrong, (name, wrong)


@test
def operation_ids_are_unique(w):
    ids = [w.openapi.document["paths"][path][method.lower()]
           .get("operationId") for method, path in w.openapi.routes()]
    ids = [i for i in ids if i]
    assert len(ids) == len(set(ids)), sorted(ids)


@test
def docs_page_needs_nothing_from_outside(w):
    answer = http_call(w.stack.url, "GET", "/docs")
    assert answer.status == 200 and answer.type.startswith("text/html")
    page = answer.data.decode()
    foreign = re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)"', page)
    assert not foreign, foreign
    for path in set(re.findall(r'(?:src|href)="(/[^"#]+)"', page)):
        if path.startswith("/api/"):
            continue
        assert http_call(w.stack.url, "GET", path).status == 200, path


def _when_ok(answer):
    return answer if answer["status"] == "ok" else None


@test
def health_is_as_described(w):
    live = w.nobody().get("/health/live")
    assert live["status"], live
    # A test before may have moved the clock; the daemon tells every 5 s.
    ready = until(lambda: _when_ok(w.nobody().get("/health/ready")),
                  "all parts are seen to be well")
    assert ready["status"] == "ok" and ready["parts"], ready
    healthy = w.nobody().get("/api/health/")
    assert healthy["status"] == "healthy" and healthy["timestamp"], healthy


@test
def metrics_are_not_public(w):
    assert http_call(w.stack.url, "GET", "/metrics").status == 404

"""openapi.py - /openapi.json, held against requests and answers."""

import posixpath
import re
import urllib.parse

import jsonschema

from lib.clocktext import is_time

METHODS = ("get", "post", "put", "patch", "delete")

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time")
def _date_time(value):
    return not isinstance(value, str) or is_time(value)


class OpenApi:
    def __init__(self, document):
        self.document = document
        self._resolver = jsonschema.RefResolver("", document)
        self._paths = [(_pattern(path), path)
                       for path in sorted(document["paths"],
                                          key=lambda p: p.count("{"))]

    def routes(self):
        """(METHOD, path) of everything that is described."""
        return {(method.upper(), path)
                for path, item in self.document["paths"].items()
                for method in item if method in METHODS}

    def resolve(self, node):
        """The object itself where a $ref stands for it."""
        while "$ref" in node:
            node = self._resolver.resolve(node["$ref"])[1]
        return node

    def path_of(self, path):
        """The described path that a request's path is an instance of."""
        bare = path.split("?")[0]
        for pattern, template in self._paths:
            if pattern.fullmatch(bare):
                return template
        return None

    def operation(self, method, path):
        template = self.path_of(path)
        item = self.document["paths"].get(template, {})
        return item.get(method.lower())

    def request_schema(self, method, path):
        """Of the JSON body; None when the route takes none."""
        operation = self.operation(method, path) or {}
        body = self.resolve(operation.get("requestBody", {}))
        return body.get("content", {}).get("application/json",
                                           {}).get("schema")

    def errors(self, schema, value):
        """What of the value is not as the schema has it."""
        validator = jsonschema.Draft202012Validator(
            schema, resolver=self._resolver, format_checker=_formats)
        return [f"{'/'.join(map(str, e.absolute_path)) or 'body'}: "
                f"{e.message[:300]}" for e in validator.iter_errors(value)]

    def check_request(self, method, path, body):
        schema = self.request_schema(method, path)
        if schema is None:
            raise AssertionError(f"{method} {path}: no JSON body is described")
        errors = self.errors(schema, body)
        if errors:
            raise AssertionError(f"{method} {path}: the request is not as "
                                 f"described: {'; '.join(errors)}")

    def check_answer(self, method, path, status, content_type, body):
        where = f"{method} {path} -> {status}"
        operation = self.operation(method, path)
        if operation is None:
            # Unknown paths and methods have the one shape of all errors.
            if status in (404, 405):
                check_failure(path, status, content_type, body)
                return
            # The cabinet's pages are for people.
            if is_page(path):
                return
            raise AssertionError(f"{where}: not described")
        responses = operation["responses"]
        response = responses.get(str(status)) or responses.get(
            f"{status // 100}XX") or responses.get("default")
        if response is None:
            raise AssertionError(f"{where}: this status is not described")
        content = self.resolve(response).get("content", {})
        if not content:
            if body not in (None, b""):
                raise AssertionError(f"{where}: a body where none is "
                                     "described")
            return
        media = (content_type or "").split(";")[0].strip()
        if media not in content:
            raise AssertionError(f"{where}: {content_type!r} is not among "
                                 f"{sorted(content)}")
        schema = content[media].get("schema")
        if schema is None or not media.endswith("json"):
            return
        errors = self.errors(schema, body)
        if errors:
            raise AssertionError(f"{where}: not as described: "
                                 f"{'; '.join(errors)}")


def is_page(path):
    path = posixpath.normpath(urllib.parse.unquote(path.split("?")[0],
                                                   errors="replace"))
    return not re.match(r"/(api|health)(/|$)|/openapi\.json", path)


def check_failure(path, status, content_type, body):
    """Where pages are, failures are pages."""
    if not is_page(path):
        check_problem(status, content_type, body)
    else:
        assert content_type == "text/html; charset=utf-8", \
            f"{path}: {status} came as {content_type!r}"


def check_problem(status, content_type, body):
    """RFC 9457 as docs and interface have it; whoever answered."""
    media = (content_type or "").split(";")[0]
    assert media == "application/problem+json", \
        f"{status} came as {content_type!r}: {body!r}"
    assert isinstance(body, dict), body
    assert set(body) - {"challenge"} == {
        "type", "title", "status", "detail", "request_id", "errors"}, \
        f"members of a problem: {sorted(body)}"
    assert body["status"] == status, body
    assert body["title"] and body["detail"], body
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
                        body["request_id"]), body["request_id"]
    for error in body["errors"]:
        assert set(error) == {"field", "message"} and error["message"], error


def _pattern(path):
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile("".join("[^/]+" if part.startswith("{")
                              else re.escape(part) for part in parts))

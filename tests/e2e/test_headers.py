"""What nginx adds to answers, its own ones included, and whom it counts."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile

from lib.rest import Answer, http_call
from lib.runner import test
from lib.wait import until

CSP = "Content-Security-Policy"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
TOO_LARGE = "2000000"
# More than a stack's nginx lets one address try to sign in at once, and less
# than it may ask otherwise.
FLOOD = 400


def _guarded(answer, status, hsts=None):
    """The headers that every answer has, each once."""
    assert answer.status == status, answer
    for name, value in ALWAYS.items():
        assert answer.headers.get_all(name) == [value], (name, answer.headers)
    policies = answer.headers.get_all(CSP)
    assert len(policies) == 1, policies
    assert "unsafe" not in policies[0], policies
    assert "frame-ancestors 'none'" in policies[0], policies
    assert "default-src 'self'" in policies[0] or \
        "default-src 'none'" in policies[0], policies
    assert answer.headers.get("X-Request-Id"), answer.headers
    assert answer.headers.get("Strict-Transport-Security") == hsts
    assert "/" not in answer.headers.get("Server", ""), answer.headers


def _page(answer):
    """Of nginx itself: both languages, no script, no style."""
    assert answer.type.startswith("text/html"), answer.type
    text = answer.data.decode()
    assert re.search("[а-я]{4}", text) and re.search("lang=\"en\">[A-Z]", text)
    assert "<script" not in text and "style" not in text, text


def _get(w, path, method="GET", **headers):
    return http_call(w.stack.url, method, path, None, headers)


def _too_large(w, path):
    """nginx refuses before a body arrives."""
    return _get(w, path, "POST", **{"Content-Length": TOO_LARGE})


@test
def every_answer_is_guarded(w):
    _guarded(_get(w, "/api/me"), 401)
    _guarded(_get(w, "/api/health/"), 200)
    _guarded(_get(w, "/docs"), 200)
    _guarded(_get(w, "/docs/docs.css"), 200)
    _guarded(_get(w, "/static/app.css"), 200)
    _guarded(_get(w, "/nothing"), 404)
    _guarded(_get(w, "/api/nothing"), 404)
    _guarded(_get(w, "/api/me", "DELETE"), 405)
    # nginx's own.
    _guarded(_get(w, "/static/nothing.css"), 404)
    _guarded(_get(w, "/metrics"), 404)
    _guarded(_get(w, "/protected/media/1/ab/x"), 404)


@test
def a_handler_may_say_what_its_page_may_load(w):
    own = _get(w, "/docs").headers[CSP]
    general = _get(w, "/nothing").headers[CSP]
    assert "default-src 'none'" in own, own
    assert "default-src 'self'" in general, general


TLS_SERVER = """daemon off;
master_process off;
pid {dir}/pid;
error_log {dir}/error.log;
events {{ }}
http {{
	client_body_temp_path {dir}/body;
	fastcgi_temp_path {dir}/fastcgi;
	proxy_temp_path {dir}/proxy;
	scgi_temp_path {dir}/scgi;
	uwsgi_temp_path {dir}/uwsgi;
	include {stack}/nginx/map.conf;
	server {{
		listen unix:{dir}/socket ssl;
		ssl_certificate {dir}/cert.pem;
		ssl_certificate_key {dir}/key.pem;
		include {stack}/nginx/tuberry.conf;
	}}
}}
"""


def _https_get(path, url_path):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost")
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(30)
        plain.connect(path)
        connection.sock = context.wrap_socket(plain)
        connection.request("GET", url_path)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@test
def under_tls_browsers_are_told_to_stay_there(w):
    year = "max-age=31536000"
    with tempfile.TemporaryDirectory(prefix="tuberry-tls.") as place:
        conf = os.path.join(place, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(TLS_SERVER.format(dir=place, stack=w.stack.dir))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes",
             "-subj", "/CN=localhost", "-keyout", f"{place}/key.pem",
             "-out", f"{place}/cert.pem"],
            check=True, stderr=subprocess.DEVNULL)
        with subprocess.Popen(["nginx", "-e", f"{place}/error.log",
                               "-c", conf]) as nginx:
            try:
                until(lambda: os.path.exists(f"{place}/socket"),
                      "nginx listens")
                for path, status in (("/api/me", 401), ("/docs", 200),
                                     ("/static/nothing.css", 404)):
                    _guarded(_https_get(f"{place}/socket", path), status,
                             hsts=year)
            finally:
                nginx.terminate()


@test
def a_body_that_is_too_large_is_refused_in_kind(w):
    answer = _too_large(w, "/api/auth/login")
    _guarded(answer, 413)
    assert answer.type == "application/problem+json", answer.type
    answer = _too_large(w, "/login")
    _guarded(answer, 413)
    _page(answer)


def _statuses(w, path, method, count):
    """So many requests on one connection, without waiting for answers."""
    port = int(w.stack.url.rsplit(":", 1)[1])
    ask = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
        s.sendall(ask.encode() * count)
        s.shutdown(socket.SHUT_WR)
        while more := s.recv(65536):
            found += more
    return set(re.findall(rb"HTTP/1\.1 (\d+)", found))


def _flooded(w, path):
    """The answer to somebody who asks too often."""
    def refused():
        _statuses(w, path, "HEAD", FLOOD)
        answer = _get(w, path)
        return answer if answer.status == 429 else None
    return until(refused, "the address has asked too often", pause_s=0)


@test
def nginx_answers_for_a_pool_that_is_down(w):
    # Then a flood costs nothing but nginx, too.
    w.stack.terminate("web", 10)
    try:
        answer = _get(w, "/api/me")
        _guarded(answer, 503)
        assert answer.type == "application/problem+json", answer.type
        assert int(answer.headers["Retry-After"]) > 0
        answer = _get(w, "/")
        _guarded(answer, 503)
        _page(answer)
        assert int(answer.headers["Retry-After"]) > 0

        for path in ("/api/auth/login", "/login", "/invite"):
            answer = _flooded(w, path)
            _guarded(answer, 429)
            assert int(answer.headers["Retry-After"]) > 0
            if path.startswith("/api/"):
                assert answer.type == "application/problem+json", answer.type
            else:
                _page(answer)
            # What has nothing to do with signing in goes on.
            assert _get(w, "/").status == 503
            w.stack.restart("nginx")
        _page(_flooded(w, "/"))
        assert _statuses(w, "/api/webhooks/avito/1/x", "HEAD", 200) == {b"503"}
    finally:
        w.stack.start("web")
        w.stack.restart("nginx")


@test
def the_page_one_comes_from_is_not_logged_with_the_language(w):
    since = w.stack.log_size("access")
    _get(w, "/language/en?next=%2Fprofile%2Ftelegram%3Fhash%3Ddeadbeef")
    until(lambda: "GET /language/en?***" in w.stack.log_text("access", since),
          "nginx logs the request without its query")
    assert "deadbeef" not in w.stack.log_text("access", since)


def _logged_address(w, marker, **headers):
    since = w.stack.log_size("access")
    _get(w, f"/api/{marker}", **headers)
    line = until(lambda: re.search(rf"^\S+ (\S+) id=.*/api/{marker}",
                                   w.stack.log_text("access", since),
                                   re.MULTILINE), "nginx logs the request")
    return line.group(1)


@test
def a_stranger_cannot_name_an_address(w):
    for claim in ("192.0.2.9", "127.0.0.2, 192.0.2.9", "::1"):
        assert _logged_address(w, "claim", **{"X-Forwarded-For": claim}) == \
            "127.0.0.1"


@test
def a_trusted_proxy_names_the_visitor(w):
    w.stack.change({"TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8"})
    try:
        for claim, visitor in (
                ("192.0.2.9", "192.0.2.9"),
                ("192.0.2.9, 10.1.2.3", "192.0.2.9"),
                # What the visitor wrote in front of it is hearsay.
                ("198.51.100.1, 192.0.2.9", "192.0.2.9"),
                ("10.0.0.1, 192.0.2.9, 10.1.2.3", "192.0.2.9"),
                ("nonsense", "127.0.0.1")):
            assert _logged_address(w, "claim", **{"X-Forwarded-For": claim}) \
                == visitor, claim
        admin = w.stack.admin()
        answer = w.nobody().raw(
            "POST", "/api/auth/login", json.dumps(admin).encode(),
            {"Content-Type": "application/json",
             "X-Forwarded-For": "198.51.100.1, 192.0.2.9"})
        assert answer.status == 200, answer
        w.secret(answer["access_token"], answer["refresh_token"])
        assert w.db.one("SELECT address FROM sessions"
                        " ORDER BY id DESC LIMIT 1") == "192.0.2.9"
    finally:
        w.stack.change({"TRUSTED_PROXIES": ""})


@test
def other_sites_use_the_api_when_they_are_named(w):
    site = "https://shop.example"
    ask = {"Origin": site, "Access-Control-Request-Method": "GET"}
    answer = _get(w, "/api/me", "OPTIONS", **ask)
    assert answer.status == 405, answer
    w.stack.change({"CORS_ORIGINS": site})
    try:
        answer = _get(w, "/api/me", "OPTIONS", **ask)
        _guarded(answer, 204)
        assert answer.headers["Access-Control-Allow-Origin"] == site
        assert answer.headers["Access-Control-Allow-Methods"] == \
            "GET, HEAD, PATCH"
        answer = _get(w, "/api/me", Origin=site)
        _guarded(answer, 401)
        assert answer.headers["Access-Control-Allow-Origin"] == site
        assert "Access-Control-Allow-Credentials" not in answer.headers
        answer = _get(w, "/api/me", Origin="https://evil.example")
        assert "Access-Control-Allow-Origin" not in answer.headers
    finally:
        w.stack.change({"CORS_ORIGINS": ""})

# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.gcore.cloud.plugins.module_utils.api.client import (
    Call,
    Client,
    is_loopback,
    retry_after,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    ApiError,
    CheckModeWrite,
    ConnectionFailed,
    LockedError,
    OptionError,
    UnknownOutcome,
    UnreadableResponse,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    KEY,
    LOCKED,
    URL,
    FakeSession,
    bad_certificate,
    client,
    connect_timeout,
    deadline,
    read_timeout,
    refused,
    reply,
    reset,
    rows,
)
from requests.adapters import BaseAdapter

GET = Call("GET", "/cloud/v1/regions")
POST = Call("POST", "/cloud/v1/things", body={"name": "one"})


def scripted(*answers: Any, call: Call = GET) -> FakeSession:
    session = FakeSession()
    session.on(call.method, call.path, *answers)
    return session


# ------------------------------------------------------------------- the key


def test_key_goes_into_the_header_of_every_request() -> None:
    session = scripted(reply(200, {}))
    client(session).read_once(GET)
    assert session.sent[0].headers["Authorization"] == "APIKey " + KEY


@pytest.mark.parametrize("key", ["", "   ", " " + KEY, KEY + "\n", "abc\x00def", "ключ", KEY + " "])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(OptionError) as caught:
        client(FakeSession(), key=key)
    assert not key.strip() or key.strip() not in caught.value.sentence()


@pytest.mark.parametrize(
    "answer",
    [
        reply(401, {"message": "Token is invalid or expired"}),
        reply(403, {"message": "no"}),
        reply(404, raw=b"<html>nothing</html>"),
        reply(302, {}, {"Location": "https://elsewhere.example/"}),
        reply(200, raw=b"<html>"),
        refused(),
        bad_certificate(),
        connect_timeout(),
        reset(),
    ],
)
@pytest.mark.parametrize("call", [GET, POST])
def test_no_failure_tells_the_key(answer: Any, call: Call) -> None:
    session = scripted(answer, call=call)
    talker = client(session)
    with pytest.raises((ApiError, ConnectionFailed, UnreadableResponse, UnknownOutcome)) as caught:
        (talker.read if call is GET else talker.write)(call, deadline(session.clock, 20))
    told = "%s %s %r" % (caught.value.sentence(), caught.value.as_dict(), caught.value)
    assert KEY not in told
    assert KEY[5:] not in told


@pytest.mark.parametrize(
    "url",
    [
        "http://api.gcore.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost.example.com:8080",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "api.gcore.com",
        "https://",
        "",
        "http://example.com\\@127.0.0.1",
        "https://someone:secret@api.gcore.com",
    ],
)
def test_the_key_goes_nowhere_unencrypted_but_to_this_machine(url: str) -> None:
    with pytest.raises(OptionError):
        client(FakeSession(), url=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "http://127.9.9.9", URL, URL + "/"]
)
def test_loopback_and_https_are_fine(url: str) -> None:
    session = FakeSession()
    session.on("GET", GET.path, reply(200, {}))
    client(session, url=url).read_once(GET)
    assert is_loopback(url) == (not url.startswith(URL))
    assert session.trust_env is not is_loopback(url)


# --------------------------------------------- the real session, and its environment


class Wire(BaseAdapter):
    """Takes what requests would really send."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.taken: list[tuple[Any, dict[str, Any]]] = []

    def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
        self.taken.append((request, options))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer.request, answer.url, answer.raw = request, request.url, None
        return answer

    def close(self) -> None:
        pass


def wired(*answers: Any, url: str = URL, verify: Any = "/the/authority.pem") -> tuple[Client, Wire]:
    session, wire = requests.Session(), Wire(*answers)
    session.mount("https://", wire)
    session.mount("http://", wire)
    return client(session, url=url, verify=verify, clock=FakeSession().clock), wire


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [GET, POST])
def test_redirects_are_not_followed(status: int, call: Call) -> None:
    talker, wire = wired(reply(status, {}, {"Location": "https://elsewhere.example/cloud"}), reply(200, {}))
    with pytest.raises(ApiError, match="redirect") as caught:
        (talker.read_once(call) if call is GET else talker.write(call, deadline(talker.clock)))
    assert caught.value.status == status
    assert [request.url for request, _options in wire.taken] == [URL + call.path]


def test_netrc_has_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine api.gcore.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    talker, wire = wired(reply(200, {}))
    talker.read_once(GET)
    assert wire.taken[0][0].headers["Authorization"] == "APIKey " + KEY


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("verify", ["/the/authority.pem", False])
@pytest.mark.parametrize("url", [URL, "https://127.0.0.1:8443"])
def test_the_environment_does_not_choose_the_authority(
    monkeypatch: pytest.MonkeyPatch, variable: str, verify: Any, url: str
) -> None:
    monkeypatch.setenv(variable, "/somebody/elses.pem")
    talker, wire = wired(reply(200, {}), url=url, verify=verify)
    talker.read_once(GET)
    assert wire.taken[0][1]["verify"] == verify


@pytest.mark.parametrize(
    ("url", "proxied"), [("http://127.0.0.1:8080", False), ("http://localhost:8080", False), (URL, True)]
)
def test_a_proxy_is_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch, url: str, proxied: bool) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    talker, wire = wired(reply(200, {}), url=url)
    talker.read_once(GET)
    assert bool(wire.taken[0][1]["proxies"]) is proxied


def test_time_limit_and_verification_go_with_each_request() -> None:
    session = scripted(reply(200, {}))
    client(session, timeout=7.5, verify="/ca.pem").read_once(GET)
    options = session.sent[0].options
    assert (options["timeout"], options["verify"], options["allow_redirects"]) == (7.5, "/ca.pem", False)


# ------------------------------------------------------------------- the path


def test_names_and_ids_are_quoted_into_the_path() -> None:
    call = Call("GET", "/cloud/v1/ssh_keys/{project_id}/{id}").fill(project_id=1, id="my key/../2?x=1#%2F{id}")
    assert call.path == "/cloud/v1/ssh_keys/1/my%20key%2F..%2F2%3Fx%3D1%23%252F%7Bid%7D"


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_what_would_lead_to_another_path_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        Call("DELETE", "/cloud/v1/things/{id}").fill(id=text)


def test_a_name_that_is_missing_in_a_path_is_a_fault() -> None:
    with pytest.raises(KeyError):
        Call("GET", "/cloud/v1/things/{id}").fill(other=1)


def test_lists_in_a_query_repeat_the_key_and_booleans_are_lower_case() -> None:
    session = scripted(reply(200, {}))
    client(session).read_once(
        Call("GET", GET.path, {"state": ["NEW", "RUNNING"], "private": True, "all": False, "limit": 3})
    )
    assert session.sent[0].query == {"state": ["NEW", "RUNNING"], "private": ["true"], "all": ["false"], "limit": ["3"]}


# --------------------------------------------------------------------- lists


def test_paging_reads_every_page_and_no_more() -> None:
    session = scripted(
        rows(*({"id": number} for number in range(1000)), count=2100),
        rows(*({"id": number} for number in range(1000, 2000)), count=2100),
        rows(*({"id": number} for number in range(2000, 2100)), count=2100),
    )
    found = client(session).list(GET, deadline(session.clock))
    assert [row["id"] for row in found] == list(range(2100))
    assert [call.query.get("offset") for call in session.sent] == [None, ["1000"], ["2000"]]
    assert {call.query["limit"][0] for call in session.sent} == {"1000"}


def test_paging_ends_on_an_empty_page_whatever_the_count_says() -> None:
    session = scripted(rows({"id": 1}, count=5), rows(count=5))
    assert len(client(session).list(GET, deadline(session.clock))) == 1


def test_a_list_that_takes_no_limit_is_not_given_one() -> None:
    session = scripted(rows({"id": 1}))
    client(session).list(GET, deadline(session.clock), paged=False)
    assert session.sent[0].query == {}


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {"results": None}, {"count": 1}, {"results": {"a": 1}}, {"count": 1, "results": ["text"]}],
)
def test_what_is_no_list_is_unreadable(body: Any) -> None:
    session = scripted(reply(200, body))
    with pytest.raises(UnreadableResponse):
        client(session).list(GET, deadline(session.clock, 5))


# --------------------------------------------------------------------- reads


@pytest.mark.parametrize("fault", [reply(500, {}), reply(502, raw=b"<html>"), reply(503, {}), reply(408, {}), reply(429, {}),
                                   refused(), reset(), read_timeout(), connect_timeout(), reply(200, raw=b"{cut")])  # fmt: skip
def test_a_read_is_repeated_after_a_passing_fault(fault: Any) -> None:
    session = scripted(fault, fault, reply(200, {"id": 1}))
    answer = client(session).read(GET, deadline(session.clock))
    assert answer.body == {"id": 1}
    assert session.clock.sleeps == [1.0, 2.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422])
def test_a_read_that_is_refused_is_not_repeated(status: int) -> None:
    session = scripted(reply(status, {"message": "no"}))
    with pytest.raises(ApiError) as caught:
        client(session).read(GET, deadline(session.clock))
    assert caught.value.status == status
    assert len(session.sent) == 1


@pytest.mark.parametrize("fault", [reply(500, {}), reply(502, raw=b"<html>"), reply(503, {}), reply(200, raw=b"<html>"),
                                   refused(), reset()])  # fmt: skip
def test_a_wrong_host_is_given_up_soon(fault: Any) -> None:
    session = scripted(fault)
    with pytest.raises((ApiError, ConnectionFailed, UnreadableResponse)):
        client(session).read(GET, deadline(session.clock, 3600))
    assert session.clock.sleeps == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("fault", [reply(502, raw=b"<html>"), refused(), reset()])
def test_a_host_that_has_answered_is_given_more_time(fault: Any) -> None:
    session = scripted(reply(200, {}), fault)
    talker = client(session)
    talker.read_once(GET)
    with pytest.raises((ApiError, ConnectionFailed)):
        talker.read(GET, deadline(session.clock, 3600))
    assert 30 < session.clock.time <= 60


@pytest.mark.parametrize("fault", [reply(502, raw=b"<html>"), read_timeout()])
def test_slow_faults_are_retried_once_at_least(fault: Any) -> None:
    session = scripted(fault, reply(200, {"id": 1}))
    send = session.request

    def slow(*given: Any, **more: Any) -> Any:
        session.clock.time += 30
        return send(*given, **more)

    session.request = slow  # type: ignore[method-assign]
    assert client(session).read(GET, deadline(session.clock)).body == {"id": 1}


@pytest.mark.parametrize("call", [GET, POST])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}])
def test_a_rate_limit_is_waited_out_until_the_deadline(call: Call, headers: dict[str, str]) -> None:
    session = scripted(*[reply(429, {}, headers)] * 12, reply(200, {"tasks": []}), call=call)
    (client(session).read if call is GET else client(session).write)(call, deadline(session.clock, 300))
    assert len(session.sent) == 13
    assert 100 < session.clock.time < 300


def test_an_api_under_maintenance_that_says_how_long_is_waited_for() -> None:
    session = scripted(*[reply(503, {}, {"Retry-After": "20"})] * 6, reply(200, {"id": 1}))
    assert client(session).read(GET, deadline(session.clock, 300)).body == {"id": 1}
    assert session.clock.time > 120


@pytest.mark.parametrize("call", [GET, POST])
def test_a_rate_limit_that_does_not_end_says_what_to_do(call: Call) -> None:
    session = scripted(reply(429, {"message": "Too many requests"}, {"Retry-After": "60"}), call=call)
    with pytest.raises(ApiError, match="HTTP 429") as caught:
        (client(session).read if call is GET else client(session).write)(call, deadline(session.clock, 30))
    assert session.clock.time == 0.0
    assert "forks, throttle" in caught.value.sentence()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "2.5"}, 2.5),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Fri, 01 May 2026 12:00:40 GMT", "Date": "Fri, 01 May 2026 12:00:00 GMT"}, 40.0),
        ({"Retry-After": "Fri, 01 May 2026 11:00:00 GMT", "Date": "Fri, 01 May 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "Fri, 01 May 2026 12:00:40 GMT"}, None),
        ({"Retry-After": "soon", "Date": "Fri, 01 May 2026 12:00:00 GMT"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: Any) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("call", [GET, POST])
@pytest.mark.parametrize(
    "header", ["40", "Fri, 01 May 2026 12:00:40 GMT"]
)  # fmt: skip
def test_retry_after_is_obeyed(call: Call, header: str) -> None:
    session = scripted(reply(429, {}, {"Retry-After": header}), reply(200, {"tasks": ["t"]}), call=call)
    (client(session).read if call is GET else client(session).write)(call, deadline(session.clock))
    assert [each.at for each in session.sent] == [0.0, 40.5]


def test_a_certificate_that_is_wrong_is_not_tried_again() -> None:
    session = scripted(bad_certificate())
    with pytest.raises(ConnectionFailed, match="certificate") as caught:
        client(session).read(GET, deadline(session.clock))
    assert len(session.sent) == 1
    assert "ca_path" in caught.value.sentence()


# -------------------------------------------------------------------- writes


@pytest.mark.parametrize("fault", [refused(), connect_timeout(), reply(429, {})])
def test_a_write_is_sent_again_when_it_was_certainly_not_taken(fault: Any) -> None:
    session = scripted(fault, fault, reply(200, {"tasks": ["t1", "t2"]}), call=POST)
    assert client(session).write(POST, deadline(session.clock)).task_ids == ["t1", "t2"]
    assert session.clock.sleeps == [1.0, 2.0]


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "fault",
    [
        reply(408, {}),
        reply(500, {}),
        reply(501, {}),
        reply(502, raw=b"<html>"),
        reply(503, {}, {"Retry-After": "1"}),
        reply(504, {}),
        read_timeout(),
        reset(),
        requests.exceptions.ChunkedEncodingError("cut"),
        requests.exceptions.ContentDecodingError("cut"),
        requests.exceptions.SSLError("EOF occurred in violation of protocol"),
        requests.exceptions.ConnectionError("Remote end closed connection without response"),
        reply(200, raw=b"<html>hello</html>"),
        reply(200, raw=b'{"tasks": ["'),
        reply(201, raw=b"not json"),
    ],
)
def test_every_other_failure_of_a_write_is_a_doubt(fault: Any, method: str) -> None:
    call = Call(method, POST.path, body={"name": "one"})
    session = scripted(fault, call=call)
    talker = client(session)
    with pytest.raises(UnknownOutcome):
        talker.write(call, deadline(session.clock))
    assert len(session.sent) == 1
    assert talker.writes == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422])
def test_a_refused_write_is_not_repeated(status: int) -> None:
    session = scripted(reply(status, {"message": "already exists"}), call=POST)
    with pytest.raises(ApiError) as caught:
        client(session).write(POST, deadline(session.clock))
    assert caught.value.kind == "api"
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    "text", [LOCKED["message"], "Resource is LOCKED by running task", "Please repeat request later"]
)
def test_the_409_of_a_lock_is_told_apart(text: str) -> None:
    session = scripted(reply(409, {"exception_class": "ConflictError", "message": text}), call=POST)
    with pytest.raises(LockedError):
        client(session).write(POST, deadline(session.clock))
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    "text", ["Name already exists", "Not enough available resources to create requested server(s)", "console locked"]
)
def test_any_other_409_fails_at_once(text: str) -> None:
    session = scripted(reply(409, {"message": text}), call=POST)
    with pytest.raises(ApiError) as caught:
        client(session).write(POST, deadline(session.clock))
    assert not isinstance(caught.value, LockedError)
    assert text in caught.value.sentence()


def test_writes_go_over_a_fresh_connection_and_reads_do_not() -> None:
    session = scripted(refused(), reply(200, {"tasks": []}), call=POST)
    session.on("GET", GET.path, reply(200, {}))
    talker = client(session)
    talker.read_once(GET)
    assert session.closed == 0
    talker.write(POST, deadline(session.clock))
    assert session.closed == 2


def test_a_write_is_not_repeated_beyond_the_deadline() -> None:
    session = scripted(refused(), call=POST)
    with pytest.raises(ConnectionFailed):
        client(session).write(POST, deadline(session.clock, 20))
    assert session.clock.time <= 20


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_check_mode_refuses_every_write_before_it_is_sent(method: str) -> None:
    session = FakeSession()
    with pytest.raises(CheckModeWrite):
        client(session, check_mode=True).write(Call(method, POST.path), deadline(session.clock))
    assert session.sent == []


def test_check_mode_allows_a_post_that_only_reads() -> None:
    call = Call("POST", "/cloud/v1/check_limits", body={}, reads=True)
    session = scripted(reply(503, {}), reply(200, {"ok": 1}), call=call)
    assert client(session, check_mode=True).read(call, deadline(session.clock)).body == {"ok": 1}


def test_a_write_cannot_slip_through_as_a_look() -> None:
    session = FakeSession()
    with pytest.raises(CheckModeWrite):
        client(session).read_once(POST)
    assert session.sent == []


# ------------------------------------------------------------------- answers


def test_201_with_a_body_and_204_without() -> None:
    session = scripted(reply(201, {"id": "x"}), call=POST)
    assert client(session).write(POST, deadline(session.clock)).body == {"id": "x"}
    gone = Call("DELETE", "/cloud/v1/things/1")
    session = scripted(reply(204), call=gone)
    answer = client(session).write(gone, deadline(session.clock))
    assert (answer.status, answer.body, answer.task_ids) == (204, None, [])


@pytest.mark.parametrize("body", [{"tasks": []}, {"tasks": None}, {}, {"id": 1}, [1], None])
def test_no_tasks_is_an_empty_list(body: Any) -> None:
    session = scripted(reply(200, body), call=POST)
    assert client(session).write(POST, deadline(session.clock)).task_ids == []


def test_html_says_what_to_check() -> None:
    session = scripted(reply(200, raw=b"<html>proxy login</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(UnreadableResponse, match="text/html") as caught:
        client(session).read_once(GET)
    assert "api_url" in caught.value.sentence()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"message": "Token is invalid or expired"}, ["HTTP 401", "Token is invalid or expired", "GCORE_API_KEY"]),
        (403, {"message": "Region is full"}, ["HTTP 403", "Region is full", "permissions of the API key"]),
        (
            400,
            {
                "exception_class": "QuotaLimitExceed",
                "message": "Quota limit for volume_size exceeded by 70",
                "info": {"limit": 5},
            },
            ["exceeded by 70", "higher quota"],
        ),
        (
            400,
            {"message": "Validation Error: {'name': ['Field required']}"},
            ["Field required", "POST /cloud/v1/things"],
        ),
        (400, {"code": 400, "message": "topic"}, ["topic"]),
        (400, {"detail": {"name": "bad"}}, ["bad"]),
        (429, {"message": "Too many requests"}, ["HTTP 429", "forks"]),
        (404, ["odd"], ["no explanation was given"]),
        (404, None, ["no explanation was given"]),
    ],
)
def test_the_sentence_of_an_error(status: int, body: Any, words: list[str]) -> None:
    session = scripted(reply(status, body), call=POST)
    with pytest.raises(ApiError) as caught:
        client(session).write(POST, deadline(session.clock))
    for word in words:
        assert word in caught.value.sentence()
    assert ".." not in caught.value.sentence()


def test_the_facts_of_an_error() -> None:
    body = {
        "exception_class": "ValidationError",
        "message": "No.",
        "request_id": "req-1",
        "invalid_fields": {"name": ["x"]},
        "info": {"a": 1},
    }
    session = scripted(reply(400, body), call=POST)
    with pytest.raises(ApiError) as caught:
        client(session).write(POST, deadline(session.clock))
    assert caught.value.as_dict() == {
        "kind": "api",
        "http_status": 400,
        "exception_class": "ValidationError",
        "request_id": "req-1",
        "invalid_fields": {"name": ["x"]},
        "info": {"a": 1},
        "method": "POST",
        "path": "/cloud/v1/things",
    }


def test_a_doubt_keeps_the_facts_of_the_answer() -> None:
    session = scripted(reply(502, {"message": "bad gateway", "request_id": "req-2"}), call=POST)
    with pytest.raises(UnknownOutcome) as caught:
        client(session).write(POST, deadline(session.clock))
    facts = caught.value.as_dict()
    assert (facts["kind"], facts["http_status"], facts["request_id"]) == ("unknown_outcome", 502, "req-2")


def test_the_servers_clock_is_kept() -> None:
    session = scripted(reply(200, {}, {"Date": "Fri, 01 May 2026 12:00:09 GMT"}), reply(200, {}, {"Date": "nonsense"}))
    talker = client(session)
    assert talker.read_once(GET).date == "2026-05-01T12:00:09"
    assert talker.read_once(GET).date == "2026-05-01T12:00:09"


@pytest.mark.parametrize("url", ["https://[::1", "https://api.gcore.com:port", "https://api.gcore.com:99999"])
def test_an_api_url_that_is_no_url_is_an_option_error(url: str) -> None:
    with pytest.raises(OptionError):
        client(FakeSession(), url=url)


@pytest.mark.parametrize(
    "url",
    [URL + end for end in ("", "/", "//", "/cloud", "/cloud/", "/cloud/v1", "/cloud/v1/", "/cloud/v2", " ", "\n")]
    + ["HTTPS://api.gcore.com"],
)
def test_the_prefix_of_every_path_is_not_doubled(url: str) -> None:
    session = scripted(reply(200, {}))
    talker = client(session, url=url)
    talker.read_once(GET)
    assert talker.api_url.lower() == URL
    assert session.sent[0].path == GET.path


@pytest.mark.parametrize("end", ["/gcore", "/gcore/cloud/v1", "/my-cloud", "/cloudy"])
def test_a_gateways_path_stays(end: str) -> None:
    assert client(FakeSession(), url=URL + end).api_url == URL + end.replace("/cloud/v1", "")


@pytest.mark.parametrize(
    ("url", "better"),
    [
        ("api.gcore.com", "Write https://api.gcore.com."),
        ("//api.gcore.com", "Write https://api.gcore.com."),
        ("api.gcore.com:443/cloud/v1/", "Write https://api.gcore.com:443."),
        ("localhost:8700", "Write https://localhost:8700."),
        ("htps://api.gcore.com", "form https://api.gcore.com."),
        ("https://api.gcore.com?key=s3cret", "form https://api.gcore.com."),
        ("https://api.gcore.com/#cloud", "form https://api.gcore.com."),
        ("https://api.gcore.com /cloud", "form https://api.gcore.com."),
        ("someone:s3cret@api.gcore.com", "form https://api.gcore.com."),
        ("", "form https://api.gcore.com."),
    ],
)
def test_an_api_url_without_scheme_or_with_too_much_is_refused_with_a_better_one(url: str, better: str) -> None:
    with pytest.raises(OptionError) as caught:
        client(FakeSession(), url=url)
    assert caught.value.sentence().endswith(better)
    assert "s3cret" not in caught.value.sentence()


def test_a_404_of_an_address_with_a_path_says_to_check_it() -> None:
    session = FakeSession()
    session.on("GET", "/v1" + GET.path, reply(404, {"message": "Not found"}))
    with pytest.raises(ApiError) as caught:
        client(session, url=URL + "/v1").read(GET, deadline(session.clock))
    assert "api_url" in caught.value.sentence() and "'/v1'" in caught.value.sentence()

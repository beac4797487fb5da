/*
 * service.h - replies as a service would give them, for the drivers' tests.
 */
#ifndef TESTS_CHAN_SERVICE_H
#define TESTS_CHAN_SERVICE_H

#include "base/http.h"
#include "base/json.h"
#include "harness/unit.h"

/* What no driver may take for an answer, nor trip over. */
static const char *const service_rubbish[] = {
	"",
	"{",
	"{\"id\":",
	"[1,2",
	"<html><body>502 Bad Gateway</body></html>",
	"404 page not found",
	"null",
	"true",
	"7",
	"\"text\"",
	"[]",
	"[[],{},null]",
	"{}",
	"{\"id\":{},\"chats\":5,\"messages\":\"x\",\"ok\":\"yes\"}",
	"{\"error\":\"text\",\"message\":7,\"result\":[]}",
	"{\"error\":{\"code\":\"x\",\"message\":{}}}",
	"\xff\xfe{}",
	"{\"ok\":true,\"result\":{\"message_id\":\"7\",\"id\":1e400}}",
};

static inline struct http_reply service_says(int status, const char *body)
{
	return (struct http_reply){
		.end = HTTP_ANSWERED,
		.status = status,
		.body = body,
		.len = strlen(body),
		.mime = "",
	};
}

/* A recorded 200. */
static inline struct http_reply service_file(const char *path)
{
	return service_says(200, unit_file(path, NULL));
}

static inline struct http_reply service_ends(enum http_end end)
{
	return (struct http_reply){
		.end = end, .body = "", .mime = "", .problem = "reset"
	};
}

static inline struct json_object *service_json(const char *text)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (!json_read_clean(&unit_arena, text, strlen(text), &o, &err))
		die("a fixture is no JSON: %s", err.text);
	return o;
}

#endif

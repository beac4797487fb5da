/*
 * health.c - is this installation able to work?
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/migrate.h"
#include "store/presence.h"
#include "web/api/api.h"

enum http_status health_live(struct req *rq)
{
	struct json_object *o = json_new(rq->a);

	json_put_str(o, "status", "ok");
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_health(struct req *rq)
{
	struct json_object *o = json_new(rq->a);

	json_put_str(o, "status", "healthy");
	json_put_str(o, "timestamp", clock_text(rq->a, rq->now));
	return reply_json(rq, HTTP_OK, o);
}

static const char *database_state(struct req *rq)
{
	struct err err = { 0 };
	int version;

	if (!migrate_version(rq->db, rq->a, &version, &err))
		return "down";
	return version < MIGRATE_VERSION ? "migrations are missing" : "ok";
}

static const char *daemon_state(struct req *rq)
{
	int64_t since = rq->now - PRESENCE_AWAY_S * CLOCK_SECOND_US;
	struct err err = { 0 };
	int n;

	if (!presence_count(rq->db, rq->a, since, &n, &err))
		return "unknown";
	return n > 0 ? "ok" : "down";
}

/* Without Redis or the daemon all is kept and only slower or later, so that
 * is no reason to take this server out of service. */
enum http_status health_ready(struct req *rq)
{
	const char *database = database_state(rq);
	bool able = strcmp(database, "ok") == 0;
	const char *daemon = able ? daemon_state(rq) : "unknown";
	bool redis = redis_ready(rq->redis);
	bool whole = redis && strcmp(daemon, "ok") == 0;
	struct json_object *o = json_new(rq->a);
	struct json_object *parts = json_object_new_object();

	json_put_str(o, "status", !able ? "down" : whole ? "ok" : "degraded");
	json_put_str(parts, "database", database);
	json_put_str(parts, "redis", redis ? "ok" : "down");
	json_put_str(parts, "daemon", daemon);
	json_put(o, "parts", parts);
	if (!able)
		reply_header(rq, "Retry-After: 2");
	return reply_json(rq, able ? HTTP_OK : HTTP_UNAVAILABLE, o);
}

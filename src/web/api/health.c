/*
 * health.c - is this installation able to work?
 */
#include "config.h"

#include "base/clock.h"
#include "store/migrate.h"
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

/* Without Redis all is kept and only slower, so that is no reason to take
 * this server out of service. */
enum http_status health_ready(struct req *rq)
{
	const char *database = database_state(rq);
	bool able = database[0] == 'o', redis = redis_ready(rq->redis);
	struct json_object *o = json_new(rq->a);
	struct json_object *parts = json_object_new_object();

	json_put_str(o, "status", !able ? "down" : redis ? "ok" : "degraded");
	json_put_str(parts, "database", database);
	json_put_str(parts, "redis", redis ? "ok" : "down");
	json_put(o, "parts", parts);
	if (!able)
		reply_header(rq, "Retry-After: 2");
	return reply_json(rq, able ? HTTP_OK : HTTP_UNAVAILABLE, o);
}

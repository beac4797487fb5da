/*
 * object.h - what the handlers of objects have in common: whose the object
 * is, how it is written, and how a refusal of core is answered.
 */
#ifndef WEB_API_OBJECT_H
#define WEB_API_OBJECT_H

#include "core/problems.h"
#include "web/req.h"

/* client_id of a list's query: 0 is all of them, for administrators.  Others
 * may name their own only: 403. */
int64_t req_list_client(struct req *rq);

/* The assignee that a manager is limited to; 0: sees all dialogs. */
int64_t req_own_dialogs(const struct req *rq);

/* client_id in the body of a new object: administrators name it, others may
 * name their own only: 403. */
int64_t req_new_client(struct req *rq);

/* Every field that core found wrong goes into the answer. */
void req_refused(struct req *rq, const struct problems *p);

/* rq->err with those fields. */
enum http_status reply_refused(struct req *rq, const struct problems *p);

/* Members that may be null. */
void json_put_id(struct json_object *o, const char *key, int64_t id);
void json_put_time(struct req *rq, struct json_object *o, const char *key,
		   int64_t at);

/* Stored JSON, as it is. */
void json_put_stored(struct req *rq, struct json_object *o, const char *key,
		     const char *json);

/* A project was changed: as it is now, with its entry in the audit. */
struct project;
enum http_status reply_project_change(struct req *rq,
				      const struct project *before,
				      const struct project *p);

#endif

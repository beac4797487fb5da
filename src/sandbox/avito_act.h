/*
 * avito_act.h - playing buyer and seller through the control API.
 */
#ifndef SANDBOX_AVITO_ACT_H
#define SANDBOX_AVITO_ACT_H

#include "sandbox/avito_state.h"

/* Members of a request that writes a message; begins and ends with a space. */
#define ACT_FIELDS                                                        \
	" type text file item_id content created id quote unread webhook" \
	" count "

/* Writes and answers.  by: buyer or seller. */
void act_write(struct req *rq, struct av_chat *c, const char *by,
	       struct json_object *o);
/* POST .../chats/{id}/...; false: no such path. */
bool act_on_chat(struct req *rq, struct av_chat *c);
void act_bulk(struct req *rq);
void act_webhook(struct req *rq);

/* NULL: 404 was answered. */
struct av_account *control_account(struct req *rq, int64_t id);
/* id 0, or one that is taken: a free one is made. */
struct av_buyer *control_buyer_new(int64_t id, const char *name);

#endif

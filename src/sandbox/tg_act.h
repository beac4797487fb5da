/*
 * tg_act.h - playing people in Telegram through the control API.
 */
#ifndef SANDBOX_TG_ACT_H
#define SANDBOX_TG_ACT_H

#include "sandbox/tg_state.h"

/* Each false: no such path. */
bool act_on_bot(struct req *rq, struct tg_bot *b);
bool act_on_group(struct req *rq, struct tg_chat *c);
bool act_in_chat(struct req *rq, struct tg_chat *c);

/* The chat of a key; a private one is made when person and bot exist.
 * NULL: answered. */
struct tg_chat *act_chat(struct req *rq, const char *key);

/* Sets it, and tells a bot by my_chat_member.  by NULL: the creator. */
void act_membership(struct tg_chat *c, struct tg_user *u, const char *status,
		    struct json_object *rights, struct tg_user *by);

/* NULL: 404 was answered. */
struct tg_user *control_user(struct req *rq, int64_t id);

#endif

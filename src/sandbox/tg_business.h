/*
 * tg_business.h - bots that answer in the name of a person.
 *
 * A person connects a bot to his own account.  From then on the bot is told
 * what is written in the private chats of that account, and writes there in
 * its owner's name.  Such a chat is one between two people, and its key is
 * CUSTOMER@OWNER.  Its messages are numbered through all chats of the owner:
 * another space than the numbers of chats with the bot.
 */
#ifndef SANDBOX_TG_BUSINESS_H
#define SANDBOX_TG_BUSINESS_H

#include "sandbox/tg_api.h"

enum tg_business_right {
	TG_B_REPLY = 1 << 0,
	TG_B_READ = 1 << 1,
	TG_B_DELETE_SENT = 1 << 2,
	TG_B_DELETE_ALL = 1 << 3,
	TG_B_ALL = (1 << 4) - 1,
};

/* One connection; connecting again after an end makes another. */
struct tg_business {
	const char *id;
	struct tg_bot *bot;
	struct tg_user *owner;
	int64_t at_s;
	bool enabled;
	unsigned rights;
};

/* The newest of the two; NULL: was never connected. */
struct tg_business *tg_business_of(const struct tg_bot *bot,
				   const struct tg_user *owner);
struct tg_business *tg_business_find(const struct tg_bot *bot, const char *id);
/* Finds or makes it. */
struct tg_chat *tg_business_chat(struct tg_user *customer,
				 struct tg_user *owner);

/* The chat of a call with business_connection_id. */
struct tg_chat *tg_business_param_chat(struct tg_call *c);
bool tg_business_may(struct tg_call *c, enum tg_business_right right);
/* A message may be sent: the right is there, and the customer has written
 * within the last day. */
bool tg_business_may_send(struct tg_call *c, const struct tg_chat *chat);

/* kind as for other chats: "message", "edited_message". */
void tg_business_announce(const struct tg_message *m, const char *kind);
/* Deletes them, and tells: all are of that chat. */
void tg_business_delete(struct tg_chat *chat, struct tg_message **gone,
			size_t n, bool tell);

/* POST /control/telegram/bots/{id}/business */
void tg_business_control(struct req *rq, struct tg_bot *bot);
/* The list "business" of the state; the caller's. */
struct json_object *tg_business_state(void);

#endif

/*
 * route.h - a message in the team's group outside of every dialog's topic.
 *
 * What quotes a message of a dialog goes to that dialog, wherever in the group
 * it is written.  Of the rest, projects.fallback says what happens: the bot
 * asks, with the last dialogs as buttons; or it goes to the open dialog with
 * the newest message; or nowhere, and the bot says so.  Where several projects
 * share a bot, it asks if one of them says so, and offers no dialog of those
 * that say "off".
 *
 * General and topics that people have named theirs are for colleagues: there
 * only quotes count, and who mentions the bot is asked.  A note counts with a
 * quote only.
 */
#ifndef CORE_ROUTE_H
#define CORE_ROUTE_H

#include "core/bot_say.h"
#include "core/press.h"
#include "store/route.h"
#include "store/unrouted.h"

/* So long somebody may say whose it is. */
#define ROUTE_ASK_US (24 * 3600 * INT64_C(1000000))

/* A person's message, no command, which is not in a dialog's topic, or which
 * that topic did not take.  body: the update.  Inside the caller's
 * transaction; the same message again changes nothing. */
bool route_message(struct db *db, struct arena *a, struct in_group *g,
		   struct json_object *body, struct err *err);

/* One that waits for an answer to "whose is it?" was edited: it goes as it is
 * then.  What became a note or a command goes nowhere. */
bool route_edited(struct db *db, struct arena *a, struct in_group *g,
		  struct json_object *body, struct err *err);

/* A button below the bot's question: "u:QUESTION:DIALOG", DIALOG 0 for
 * nobody's. */
struct route_data {
	int64_t unrouted_id, dialog_id;
};
bool route_data_read(const char *data, struct route_data *d);

/* It was pressed; by a person, inside the caller's transaction. */
bool route_press(struct db *db, struct arena *a, struct press *p,
		 const struct route_data *d, struct err *err);

/* What the bot says of a message; with ROUTE_BUTTONS_MAX buttons at most. */
#define ROUTE_CHOICES     5
#define ROUTE_BUTTONS_MAX (ROUTE_CHOICES + 1)
struct route_words {
	const char *text; /* NULL: nothing */
	struct tg_button buttons[ROUTE_BUTTONS_MAX];
	size_t n_buttons;
};
void route_compose(struct arena *a, const struct unrouted *u,
		   const struct route_choice *choices, size_t n,
		   struct route_words *words);

/* Where the message stands, by its update; 0: in no topic. */
int64_t route_topic(struct arena *a, const struct unrouted *u);

#endif

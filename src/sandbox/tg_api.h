/*
 * tg_api.h - what the methods of the Telegram stand-in share.
 *
 * A method reads its parameters, which have their declared types by then, and
 * ends with tg_ok(), tg_true() or tg_fail().  Helpers that return false have
 * failed the call already.
 */
#ifndef SANDBOX_TG_API_H
#define SANDBOX_TG_API_H

#include "base/attr.h"
#include "sandbox/form.h"
#include "sandbox/http.h"
#include "sandbox/spec.h"
#include "sandbox/tg_state.h"

struct tg_call;

struct tg_method {
	const char *name;
	const char *spec;
	void (*run)(struct tg_call *c);
};

struct tg_call {
	struct req *rq; /* NULL: the call came in a webhook's answer */
	struct arena *a;
	struct tg_bot *bot;
	const struct tg_method *method;
	struct json_object *params;
	struct form parts; /* of a multipart body: uploads are among them */
	bool waits;        /* getUpdates: no result yet */

	int code; /* 0: not ended yet */
	const char *error;
	struct json_object *result;
	int64_t retry_after, migrate_to;
};

/* Takes ownership of the result. */
void tg_ok(struct tg_call *c, struct json_object *result);
void tg_true(struct tg_call *c);
/* Always false.  The text without "Bad Request: ", which the code adds. */
bool tg_fail(struct tg_call *c, int code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void tg_violation(const struct tg_call *c, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
/* Sends the result of a call that has waited. */
void tg_answer(struct tg_call *c);
/* A method call in a webhook's answer. */
void tg_run_answer(struct tg_bot *bot, const char *body, size_t len);
void tg_wake_poller(struct tg_bot *bot);
/* It is answered 409 with this text. */
void tg_end_poller(struct tg_bot *bot, const char *why);

const struct tg_method *tg_method_find(const char *name);
/* Reads query and body into c->params, typed. */
bool tg_params_read(struct tg_call *c);
bool tg_params_from_json(struct tg_call *c, struct json_object *given);

/* The chat of chat_id, in which the bot is. */
struct tg_chat *tg_param_chat(struct tg_call *c);
/* The same, and a forum in which the bot may do that. */
struct tg_chat *tg_param_forum(struct tg_call *c);
/* The chat's message; `verb` for "message to VERB not found". */
struct tg_message *tg_param_message(struct tg_call *c,
				    const struct tg_chat *chat,
				    const char *verb);
bool tg_chat_open(struct tg_call *c, const struct tg_chat *chat);

/* A text with parse_mode or entities: `out` gets members NAME and
 * NAME_entities ("text", "caption"). */
bool tg_param_text(struct tg_call *c, struct json_object *from,
		   const char *name, size_t max, struct json_object *out);
/* Entities of a text; *text is replaced by the text without marks. */
bool tg_parse_mode(struct tg_call *c, const char *mode, const char **text,
		   struct json_object *entities);
bool tg_markup_ok(struct tg_call *c, struct json_object *markup);

/* A photo, voice, ...: file_id, URL of the sandbox, or upload. */
const struct file *tg_param_file(struct tg_call *c, const char *value,
				 const char *kind);
bool tg_emoji_allowed(const char *emoji);

/* Where a new message goes. */
struct tg_place {
	struct tg_chat *chat;
	int64_t thread;
	const struct tg_message *reply;
};

bool tg_place_read(struct tg_call *c, const char *what, struct tg_place *place);
/* False: the call has failed. */
bool tg_icon_known(struct tg_call *c, const char *id);

struct tg_message *tg_send(struct tg_call *c, const struct tg_place *p,
			   const char *kind, struct json_object *fields);

/*
 * What a message of a kind without a file holds ("location", "venue",
 * "contact", "poll", "dice"), with the members given instead of the usual
 * ones; polls take their options as texts.  NULL: no such kind.
 */
struct json_object *tg_content_fields(struct arena *a, const char *kind,
				      struct json_object *given);
/* Thrown anew: nobody but Telegram says what a dice shows. */
struct json_object *tg_dice_json(const char *emoji);

void tg_run_send_message(struct tg_call *c);
void tg_run_send_file(struct tg_call *c);
void tg_run_send_location(struct tg_call *c);
void tg_run_send_contact(struct tg_call *c);
void tg_run_send_venue(struct tg_call *c);
void tg_run_send_poll(struct tg_call *c);
void tg_run_send_dice(struct tg_call *c);
void tg_run_send_album(struct tg_call *c);
void tg_run_copy(struct tg_call *c);
void tg_run_forward(struct tg_call *c);
void tg_run_edit_text(struct tg_call *c);
void tg_run_edit_caption(struct tg_call *c);
void tg_run_edit_markup(struct tg_call *c);
void tg_run_delete(struct tg_call *c);
void tg_run_pin(struct tg_call *c);
void tg_run_unpin(struct tg_call *c);
void tg_run_reaction(struct tg_call *c);
void tg_run_get_business(struct tg_call *c);
void tg_run_read_business(struct tg_call *c);
void tg_run_delete_business(struct tg_call *c);
void tg_run_topic_icons(struct tg_call *c);
void tg_run_create_topic(struct tg_call *c);
void tg_run_edit_topic(struct tg_call *c);
void tg_run_close_topic(struct tg_call *c);
void tg_run_reopen_topic(struct tg_call *c);
void tg_run_delete_topic(struct tg_call *c);
void tg_run_me(struct tg_call *c);
void tg_run_get_chat(struct tg_call *c);
void tg_run_get_member(struct tg_call *c);
void tg_run_get_admins(struct tg_call *c);
void tg_run_get_file(struct tg_call *c);
void tg_run_answer_callback(struct tg_call *c);
void tg_run_set_commands(struct tg_call *c);
void tg_run_get_commands(struct tg_call *c);
void tg_run_delete_commands(struct tg_call *c);
void tg_run_chat_action(struct tg_call *c);
void tg_run_menu_button(struct tg_call *c);
void tg_run_get_updates(struct tg_call *c);
void tg_run_set_webhook(struct tg_call *c);
void tg_run_delete_webhook(struct tg_call *c);
void tg_run_webhook_info(struct tg_call *c);

/* GET /telegram/file/bot<token>/<path> */
void tg_run_download(struct req *rq);

#endif

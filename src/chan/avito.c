/*
 * avito.c - Avito's messenger API: requests, and what a refusal means.
 *
 * avito_read.c asks, avito_send.c writes, avito_message.c understands what
 * people sent.  An error's body is never taken for JSON: an unknown path
 * answers in plain text, a proxy in HTML.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/avito_impl.h"

/* A full page of 100 chats or messages is some 200 kB. */
#define ANSWER_MAX (4u * 1024 * 1024)

/* The header is honoured, but a mistake in it must not stop an account for
 * days. */
#define RETRY_MAX_S 3600

/* Of a refusal's own words, in UTF-16 units. */
#define REASON_UNITS 120

const struct chan chan_avito = {
	.name = "avito",
	.title_ru = "Avito",
	.takes = CHAN_BIT(CHAN_TEXT) | CHAN_BIT(CHAN_IMAGE),
	.brings = CHAN_BIT(CHAN_TEXT) | CHAN_BIT(CHAN_IMAGE) |
		  CHAN_BIT(CHAN_VOICE) | CHAN_BIT(CHAN_LINK) |
		  CHAN_BIT(CHAN_ITEM) | CHAN_BIT(CHAN_LOCATION) |
		  CHAN_BIT(CHAN_CALL) | CHAN_BIT(CHAN_SYSTEM) |
		  CHAN_BIT(CHAN_DELETED),
	.hides = CHAN_BIT(CHAN_VIDEO) | CHAN_BIT(CHAN_DOCUMENT),
	.can = CHAN_CAN_DELETE | CHAN_CAN_READ | CHAN_CAN_READ_BACK |
	       CHAN_MUST_UPLOAD | CHAN_BRINGS_QUOTE | CHAN_BRINGS_DELETE |
	       CHAN_BRINGS_READ,
	/* The documents say "characters"; units are the safe reading. */
	.text_max = AVITO_TEXT_MAX,
	.text_by_units = true,
	.image_max_bytes = AVITO_IMAGE_MAX,
	.send_write = avito_send_write,
	.send_read = avito_send_read,
	.upload_write = avito_upload_write,
	.upload_read = avito_upload_read,
	.delete_within_s = AVITO_DELETE_S,
	.delete_write = avito_delete_write,
	.read_write = avito_read_up_to_write,
	.done_read = avito_done_read,
};

const char *avito_base(struct arena *a, const char *api_base)
{
	size_t len = strlen(api_base);

	while (len && api_base[len - 1] == '/')
		len--;
	return arena_strn(a, api_base, len);
}

const char *avito_segment(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a, 3 * strlen(s));
	buf_add_url(&b, s);
	return b.s;
}

static void start(struct arena *a, const struct chan_end *end,
		  struct http_request *rq, const char *fmt, va_list ap)
	PRINTF_LIKE(4, 0);

static void start(struct arena *a, const struct chan_end *end,
		  struct http_request *rq, const char *fmt, va_list ap)
{
	va_list again;
	size_t len;
	char *path;

	va_copy(again, ap);
	len = (size_t)vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	path = arena_alloc(a, len + 1);
	vsnprintf(path, len + 1, fmt, ap);
	*rq = (struct http_request){
		.url = arena_printf(a, "%s%s", avito_base(a, end->api_base),
				    path),
		.bearer = end->token,
		.answer_max = ANSWER_MAX,
	};
}

void avito_get(struct arena *a, const struct chan_end *end,
	       struct http_request *rq, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start(a, end, rq, fmt, ap);
	va_end(ap);
	rq->method = "GET";
	rq->idempotent = true;
}

void avito_post(struct arena *a, const struct chan_end *end,
		struct json_object *body, struct http_request *rq,
		const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	start(a, end, rq, fmt, ap);
	va_end(ap);
	rq->method = "POST";
	if (!body)
		return;
	rq->mime = "application/json";
	rq->body = arena_str(a, json_text(body));
	rq->body_len = strlen(rq->body);
}

/* Status by status; the first row that matches counts.  A text with a colon
 * at its end is followed by the service's own words. */
static const struct refusal {
	int from, to;
	bool send_only;
	enum err_kind kind;
	enum chan_trouble trouble;
	const char *text;
} refusals[] = {
	{ 401, 401, false, ERR_AUTH, CHAN_TOKEN_STALE,
	  "Токен Avito больше не действует; получаем новый" },
	/* An expired token was seen live with 403, too. */
	{ 403, 403, false, ERR_AUTH, CHAN_TOKEN_STALE,
	  "Avito отказал в доступе; получаем новый токен" },
	{ 402, 402, false, ERR_DENIED, CHAN_NO_SUBSCRIPTION,
	  "В тарифе аккаунта Avito нет доступа к API мессенджера: проверьте "
	  "тариф и аванс в кабинете Avito" },
	{ 404, 404, true, ERR_MISSING, CHAN_FINE,
	  "Чат удалён или покупатель заблокировал вас: свяжитесь с ним "
	  "другим способом" },
	{ 404, 404, false, ERR_MISSING, CHAN_FINE,
	  "Avito не находит этого чата или объявления: проверьте, не "
	  "удалены ли они" },
	{ 429, 429, false, ERR_LIMIT, CHAN_FINE,
	  "Avito просит обращаться реже; повторим позже" },
	/* The request did not arrive as a whole. */
	{ 408, 408, false, ERR_DOWN, CHAN_FINE,
	  "Avito не дождался запроса; повторим позже" },
	{ 400, 499, true, ERR_INPUT, CHAN_FINE,
	  "Avito не принял сообщение, измените его и отправьте снова" },
	{ 400, 499, false, ERR_INPUT, CHAN_FINE,
	  "Avito не принял запрос, проверьте настройки аккаунта" },
};

/* What the service says itself, in either of its shapes; "" when nothing. */
static const char *own_words(struct arena *a, const struct http_reply *reply)
{
	struct err none = { 0 };
	struct json_object *body;
	const char *words;

	if (!json_read_clean(a, reply->body, reply->len, &body, &none))
		return "";
	words = json_str(json_object_at(body, "error"), "message", NULL);
	if (!words)
		words = json_str(body, "message", "");
	return text_cut(a, words, REASON_UNITS);
}

static bool lost(enum avito_call call, struct err *err, const char *what)
{
	if (call == AVITO_SEND)
		return err_set(err, ERR_UNSURE,
			       "%s: неизвестно, дошло ли сообщение", what);
	return err_set(err, ERR_DOWN, "%s; повторим позже", what);
}

static bool refuse(struct arena *a, const struct http_reply *reply,
		   enum avito_call call, enum chan_trouble *trouble,
		   struct err *err)
{
	const char *words = own_words(a, reply);
	const struct refusal *r = refusals;
	bool send = call == AVITO_SEND || call == AVITO_UPLOAD;

	while (reply->status < r->from || reply->status > r->to ||
	       (r->send_only && !send))
		r++;
	*trouble = r->trouble;
	if (call == AVITO_UPLOAD && r->kind == ERR_INPUT)
		*trouble = CHAN_BAD_FILE;
	err_set(err, r->kind, "%s (код %d%s%s)", r->text, reply->status,
		*words ? ": " : "", words);
	if (r->kind == ERR_LIMIT || r->kind == ERR_DOWN)
		err->retry_s = reply->retry_after_s;
	return false;
}

static bool refuse_token(struct arena *a, const struct http_reply *reply,
			 enum chan_trouble *trouble, struct err *err)
{
	const char *words = own_words(a, reply);

	*trouble = CHAN_TOKEN_REFUSED;
	return err_set(err, ERR_AUTH,
		       "Avito не принимает ключи API: проверьте Client ID и "
		       "Client Secret в настройках аккаунта (код %d%s%s)",
		       reply->status, *words ? ": " : "", words);
}

static bool fail_status(struct arena *a, const struct http_reply *reply,
			enum avito_call call, enum chan_trouble *trouble,
			struct err *err)
{
	int status = reply->status;

	if (status >= 400 && status < 500) {
		if (call == AVITO_TOKEN && status != 408 && status != 429)
			refuse_token(a, reply, trouble, err);
		else
			refuse(a, reply, call, trouble, err);
	} else if (status >= 500) {
		lost(call, err,
		     arena_printf(a, "У Avito неполадки (код %d)", status));
		err->retry_s = reply->retry_after_s;
	} else {
		/* A redirect that the client did not follow: not done. */
		err_set(err, ERR_DOWN,
			"Avito ответил неожиданным кодом %d: проверьте адрес "
			"API в настройках",
			status);
	}
	if (err->retry_s < 0)
		err->retry_s = 0;
	if (err->retry_s > RETRY_MAX_S)
		err->retry_s = RETRY_MAX_S;
	return false;
}

bool avito_misread(enum avito_call call, struct err *err)
{
	return lost(call, err, "Avito ответил непонятно");
}

static const char *problem(const struct http_reply *reply)
{
	return reply->problem ? reply->problem : "";
}

bool avito_reply(struct arena *a, const struct http_reply *reply,
		 enum avito_call call, struct json_object **body,
		 enum chan_trouble *trouble, struct err *err)
{
	struct err bad = { 0 };

	*trouble = CHAN_FINE;
	*body = NULL;
	switch (reply->end) {
	case HTTP_NOT_SENT:
		return err_set(err, ERR_DOWN,
			       "Нет связи с Avito (%s); повторим позже",
			       problem(reply));
	case HTTP_LOST:
		return lost(call, err, "Связь с Avito прервалась");
	case HTTP_REFUSED:
		/* The next answer may be shorter. */
		return err_set(err, ERR_DOWN,
			       "Ответ Avito не принят (%s); повторим позже",
			       problem(reply));
	case HTTP_ANSWERED:
		break;
	}
	if (reply->status < 200 || reply->status > 299)
		return fail_status(a, reply, call, trouble, err);
	if (reply->len == 0)
		return true;
	if (!json_read_clean(a, reply->body, reply->len, body, &bad))
		return avito_misread(call, err);
	return true;
}

bool avito_refused_again(struct arena *a, const struct http_reply *reply,
			 enum chan_trouble *trouble, struct err *err)
{
	const char *words;

	if (reply->status != 403)
		return refuse_token(a, reply, trouble, err);
	words = own_words(a, reply);
	*trouble = CHAN_NO_SUBSCRIPTION;
	return err_set(err, ERR_DENIED,
		       "Avito не даёт доступа к сообщениям: проверьте, что "
		       "тариф аккаунта включает API мессенджера и что ключи "
		       "от этого аккаунта (код 403%s%s)",
		       *words ? ": " : "", words);
}

bool avito_done_read(struct arena *a, const struct http_reply *reply,
		     enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body;

	*trouble = CHAN_FINE;
	if (reply->end == HTTP_ANSWERED && reply->status == 409)
		return true;
	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	if (!json_flag(body, "ok", true))
		return err_set(err, ERR_INPUT,
			       "Avito не выполнил запрос, проверьте настройки "
			       "аккаунта");
	return true;
}

/*
 * telegram_reply.c - what an answer of the Bot API means.
 *
 * error_code counts first, then a part of the description in lower case:
 * wordings change over the years, and the server lowers the first letter.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "chan/telegram_impl.h"

/* "Not less than told", but a mistake must not last for ever. */
#define RETRY_MAX_S (24 * 3600)

/* When 429 comes without a number. */
#define RETRY_DEFAULT_S 5

/* Of a refusal's own words, in UTF-16 units. */
#define REASON_UNITS 120

/* ERR_NONE: what was asked for is so already. */
static const struct refusal {
	int code;
	const char *part; /* of the description; "" matches all */
	enum err_kind kind;
	enum chan_trouble trouble;
	const char *text;
} refusals[] = {
	{ 400, "upgraded to a supergroup", ERR_CONFLICT, CHAN_MIGRATED,
	  "Группа Telegram получила новый номер, отправляем туда" },
	{ 400, "chat not found", ERR_DENIED, CHAN_KICKED,
	  "Telegram не находит группу: добавьте в неё бота и проверьте её "
	  "номер (/getid)" },
	{ 400, "message thread not found", ERR_MISSING, CHAN_TOPIC_GONE,
	  "Темы в группе больше нет, создаём её заново" },
	{ 400, "topic_id_invalid", ERR_MISSING, CHAN_TOPIC_GONE,
	  "Темы в группе больше нет, создаём её заново" },
	{ 400, "topic_deleted", ERR_MISSING, CHAN_TOPIC_GONE,
	  "Тема в группе удалена, создаём её заново" },
	{ 400, "topic_closed", ERR_CONFLICT, CHAN_TOPIC_CLOSED,
	  "Тема в группе закрыта, открываем её снова" },
	{ 400, "topic_not_modified", ERR_NONE, CHAN_FINE, NULL },
	{ 400, "not a forum", ERR_DENIED, CHAN_NOT_FORUM,
	  "В группе Telegram нет тем: включите их в настройках группы" },
	{ 400, "not a supergroup forum", ERR_DENIED, CHAN_NOT_FORUM,
	  "В группе Telegram нет тем: включите их в настройках группы" },
	{ 400, "not enough rights", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту не хватает прав в группе: сделайте его администратором с "
	  "правом управлять темами" },
	{ 400, "need administrator rights", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту не хватает прав в группе: сделайте его администратором" },
	{ 400, "have no rights", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту нельзя писать в группу: сделайте его администратором" },
	{ 400, "chat_write_forbidden", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту нельзя писать в группу: сделайте его администратором" },
	{ 400, "chat_admin_required", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту не хватает прав в группе: сделайте его администратором" },
	{ 400, "business connection not found", ERR_INPUT, CHAN_NOT_CONNECTED,
	  "Владелец аккаунта больше не даёт боту отвечать" },
	{ 400, "business_connection_", ERR_INPUT, CHAN_NOT_CONNECTED,
	  "Владелец аккаунта больше не даёт боту отвечать" },
	{ 400, "business_peer_usage_missing", ERR_INPUT, CHAN_FINE,
	  "Клиент не писал больше суток, и Telegram не даёт боту отвечать от "
	  "имени аккаунта: напишите ему из самого Telegram или повторите, "
	  "когда он напишет" },
	{ 400, "business_peer_invalid", ERR_INPUT, CHAN_FINE,
	  "У аккаунта нет чата с этим человеком" },
	{ 400, "text is empty", ERR_INPUT, CHAN_FINE,
	  "Пустое сообщение нельзя отправить" },
	{ 400, "is too long", ERR_INPUT, CHAN_FINE,
	  "Текст слишком длинный для Telegram, разделите его" },
	{ 400, "can't parse entities", ERR_INPUT, CHAN_FINE,
	  "Telegram не понял разметку текста" },
	{ 400, "message is not modified", ERR_NONE, CHAN_FINE, NULL },
	{ 400, "message to be replied not found", ERR_CONFLICT, CHAN_REPLY_GONE,
	  "Сообщения, на которое отвечали, больше нет; отправляем без "
	  "цитаты" },
	{ 400, "message to reply not found", ERR_CONFLICT, CHAN_REPLY_GONE,
	  "Сообщения, на которое отвечали, больше нет; отправляем без "
	  "цитаты" },
	/* ... edit, delete, copy, forward, pin, react not found */
	{ 400, "message to ", ERR_MISSING, CHAN_FINE,
	  "Сообщения в Telegram больше нет" },
	{ 400, "message can't be", ERR_INPUT, CHAN_FINE,
	  "Telegram не даёт изменить это сообщение" },
	{ 400, "button_data_invalid", ERR_INPUT, CHAN_FINE,
	  "Telegram не принял кнопку" },
	{ 400, "reaction_invalid", ERR_INPUT, CHAN_FINE,
	  "Такая реакция в этой группе запрещена" },
	{ 400, "query is too old", ERR_INPUT, CHAN_FINE,
	  "Нажатие кнопки устарело, нажмите ещё раз" },
	{ 400, "file is too big", ERR_INPUT, CHAN_BAD_FILE,
	  "Файл слишком велик для Telegram" },
	{ 400, "temporarily unavailable", ERR_DOWN, CHAN_BAD_FILE,
	  "Файл в Telegram сейчас недоступен; повторим позже" },
	{ 400, "file_id", ERR_INPUT, CHAN_BAD_FILE,
	  "Telegram не узнаёт файл, отправьте его снова" },
	{ 400, "file identifier", ERR_INPUT, CHAN_BAD_FILE,
	  "Telegram не узнаёт файл, отправьте его снова" },
	{ 400, "file must be non-empty", ERR_INPUT, CHAN_BAD_FILE,
	  "Файл пуст" },
	{ 400, "type of file mismatch", ERR_INPUT, CHAN_BAD_FILE,
	  "Telegram не принял файл этого вида" },
	{ 400, "photo_", ERR_INPUT, CHAN_BAD_FILE,
	  "Telegram не принял фотографию" },
	{ 400, "image_process_failed", ERR_INPUT, CHAN_BAD_FILE,
	  "Telegram не принял фотографию" },
	{ 400, "voice_messages_forbidden", ERR_INPUT, CHAN_BAD_FILE,
	  "Этот человек не принимает голосовые сообщения" },
	{ 400, "", ERR_INPUT, CHAN_FINE, "Telegram не принял запрос" },
	{ 401, "", ERR_AUTH, CHAN_TOKEN_REFUSED,
	  "Telegram не принимает токен бота: введите новый" },
	{ 403, "not enough rights", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту не хватает прав в группе: сделайте его администратором" },
	{ 403, "have no rights", ERR_DENIED, CHAN_NO_RIGHTS,
	  "Боту нельзя писать в группу: сделайте его администратором" },
	{ 403, "blocked by the user", ERR_MISSING, CHAN_BLOCKED,
	  "Человек заблокировал бота, писать ему нельзя" },
	{ 403, "user is deactivated", ERR_MISSING, CHAN_BLOCKED,
	  "Человек удалил свой Telegram" },
	{ 403, "bot_access_forbidden", ERR_INPUT, CHAN_NOT_CONNECTED,
	  "Владелец аккаунта не дал боту этого права" },
	{ 403, "initiate conversation", ERR_MISSING, CHAN_BLOCKED,
	  "Бот не может написать первым: попросите человека написать боту" },
	{ 403, "", ERR_DENIED, CHAN_KICKED,
	  "Бота нет в группе: добавьте его снова" },
	{ 404, "method not found", ERR_INPUT, CHAN_FINE,
	  "Telegram не знает такого метода: проверьте TELEGRAM_API_BASE" },
	/* The front end does not know the path, and the token is in it. */
	{ 404, "", ERR_AUTH, CHAN_TOKEN_REFUSED,
	  "Telegram не знает такого бота: проверьте токен" },
	{ 409, "webhook is active", ERR_CONFLICT, CHAN_WEBHOOK_ACTIVE,
	  "Обновления этого бота уходят на вебхук другой программы: отключите "
	  "её" },
	{ 409, "terminated by setwebhook", ERR_CONFLICT, CHAN_WEBHOOK_ACTIVE,
	  "Обновления этого бота уходят на вебхук другой программы: отключите "
	  "её" },
	{ 409, "", ERR_CONFLICT, CHAN_OTHER_POLLER,
	  "Обновления этого бота получает другая программа: отключите её" },
	{ 413, "", ERR_INPUT, CHAN_BAD_FILE,
	  "Файл слишком велик для Telegram" },
	{ 421, "", ERR_DOWN, CHAN_FINE,
	  "Этот бот закреплён за другим сервером Bot API; повторим позже" },
	{ 429, "", ERR_LIMIT, CHAN_FINE,
	  "Telegram просит отправлять реже; повторим позже" },
};

static const struct refusal *refusal_find(int64_t code, const char *words)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].code == code && strstr(words, refusals[i].part))
			return &refusals[i];
	return NULL;
}

static char *lower(struct arena *a, const char *s)
{
	char *copy = arena_str(a, s);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

static int retry_s(int64_t told, int header)
{
	if (told <= 0)
		told = header;
	if (told <= 0)
		return RETRY_DEFAULT_S;
	return told > RETRY_MAX_S ? RETRY_MAX_S : (int)told;
}

/* One answer under examination. */
struct reading {
	struct arena *a;
	const struct http_reply *reply;
	bool makes; /* the call makes something: lost means unsure */
	enum chan_trouble *trouble;
	int64_t *migrate_to;
	struct err *err;
};

static bool lost(const struct reading *r, const char *what)
{
	if (r->makes)
		return err_set(r->err, ERR_UNSURE,
			       "%s: неизвестно, выполнен ли запрос", what);
	return err_set(r->err, ERR_DOWN, "%s; повторим позже", what);
}

/* True: it is no failure after all. */
static bool refuse(const struct reading *r, int64_t code, const char *words,
		   struct json_object *parameters)
{
	int64_t migrate_to = json_i64(parameters, "migrate_to_chat_id", 0);
	const struct refusal *why = refusal_find(code, lower(r->a, words));

	if (migrate_to)
		why = refusals;
	if (!why && code >= 400 && code < 500)
		return err_set(r->err, ERR_INPUT,
			       "Telegram не принял запрос (код %d: %s)",
			       (int)code, text_cut(r->a, words, REASON_UNITS));
	if (!why) {
		lost(r, "У Telegram неполадки");
		if (r->reply->retry_after_s > 0)
			r->err->retry_s = retry_s(0, r->reply->retry_after_s);
		return false;
	}
	if (why->kind == ERR_NONE)
		return true;
	*r->trouble = why->trouble;
	if (r->migrate_to && why->trouble == CHAN_MIGRATED)
		*r->migrate_to = migrate_to;
	err_set(r->err, why->kind, "%s (код %d: %s)", why->text, why->code,
		text_cut(r->a, words, REASON_UNITS));
	if (why->kind == ERR_LIMIT)
		r->err->retry_s =
			retry_s(json_i64(parameters, "retry_after", 0),
				r->reply->retry_after_s);
	return false;
}

static bool read_answer(const struct reading *r, struct json_object **result)
{
	const struct http_reply *reply = r->reply;
	struct err bad = { 0 };
	struct json_object *body;
	int64_t code;

	if (!json_read_clean(r->a, reply->body, reply->len, &body, &bad) ||
	    !json_member(body, "ok")) {
		/* A proxy of ours speaks; these two it does not pass on. */
		if (reply->status == 413 || reply->status == 429)
			return refuse(r, reply->status, "", NULL);
		return lost(r, "Telegram ответил непонятно");
	}
	if (json_flag(body, "ok", false)) {
		*result = json_member(body, "result");
		return true;
	}
	code = json_i64(body, "error_code", reply->status);
	return refuse(r, code, json_str(body, "description", ""),
		      json_object_at(body, "parameters"));
}

static const char *problem(const struct http_reply *reply)
{
	return reply->problem ? reply->problem : "";
}

static bool read_reply(const struct reading *r, struct json_object **result)
{
	*result = NULL;
	*r->trouble = CHAN_FINE;
	if (r->migrate_to)
		*r->migrate_to = 0;
	switch (r->reply->end) {
	case HTTP_NOT_SENT:
		return err_set(r->err, ERR_DOWN,
			       "Нет связи с Telegram (%s); повторим позже",
			       problem(r->reply));
	case HTTP_LOST:
		return lost(r, "Связь с Telegram прервалась");
	case HTTP_REFUSED:
		/* The next answer may be shorter. */
		return err_set(r->err, ERR_DOWN,
			       "Ответ Telegram не принят (%s); повторим позже",
			       problem(r->reply));
	case HTTP_ANSWERED:
		break;
	}
	return read_answer(r, result);
}

bool tg_read(struct arena *a, const struct http_reply *reply,
	     struct json_object **result, enum chan_trouble *trouble,
	     int64_t *migrate_to, struct err *err)
{
	struct reading r = { a, reply, false, trouble, migrate_to, err };

	return read_reply(&r, result);
}

bool tg_read_made(struct arena *a, const struct http_reply *reply,
		  struct json_object **result, enum chan_trouble *trouble,
		  int64_t *migrate_to, struct err *err)
{
	struct reading r = { a, reply, true, trouble, migrate_to, err };

	return read_reply(&r, result);
}

bool tg_misread_made(struct err *err)
{
	return err_set(err, ERR_UNSURE,
		       "Telegram ответил непонятно: неизвестно, выполнен ли "
		       "запрос");
}

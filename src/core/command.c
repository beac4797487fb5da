/*
 * command.c - what an operator can tell the bot in a topic.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "core/command.h"

#define HELP_MAX_BYTES 4096

/* One line each: a table is read along its columns. */
/* clang-format off */
static const struct row {
	const char *word;
	enum command command;
	const char *args; /* as people are told; "": none */
	const char *ru, *en;
} rows[] = {
	{ "close", COMMAND_CLOSE, "", "закрыть диалог", "Close the dialog" },
	{ "reopen", COMMAND_REOPEN, "", "открыть диалог снова", "Open the dialog again" },
	{ "take", COMMAND_TAKE, "", "взять диалог себе", "Take the dialog" },
	{ "assign", COMMAND_ASSIGN, " @имя", "передать диалог коллеге", "Assign the dialog to a colleague" },
	{ "note", COMMAND_NOTE, " текст", "заметка для своих; можно и так: // текст", "A note for colleagues" },
	{ "delete", COMMAND_DELETE, "", "ответом на сообщение: удалить его у покупателя", "As a reply: delete that message at the buyer's side" },
	{ "info", COMMAND_INFO, "", "показать карточку диалога", "Show the dialog's card" },
	{ "help", COMMAND_HELP, "", "что умеет бот", "What the bot can do" },
	{ "getid", COMMAND_GETID, "", "номер этого чата и темы", "The ids of this chat and topic" },
};
/* clang-format on */

enum command command_read(const char *word)
{
	/* What Telegram itself says to a bot that was just opened. */
	if (strcmp(word, "/start") == 0)
		return COMMAND_HELP;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (*word == '/' && strcmp(word + 1, rows[i].word) == 0)
			return rows[i].command;
	return COMMAND_UNKNOWN;
}

static size_t spaces(const char *s)
{
	return strspn(s, " \t\r\n");
}

/* Behind "/note" and, if there is one, "@bot". */
static size_t note_word(const char *text)
{
	static const char word[] = "/note";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";
	size_t len = strlen(word);

	if (strncasecmp(text, word, len) != 0)
		return 0;
	if (text[len] == '@')
		len += 1 + strspn(text + len + 1, letters);
	return text[len] == '\0' || spaces(text + len) ? len : 0;
}

size_t command_note(const char *text)
{
	size_t len = strncmp(text, "//", 2) == 0 ? 2 : note_word(text);

	return len ? len + spaces(text + len) : 0;
}

const char *command_help(struct arena *a)
{
	struct buf b;

	buf_init(&b, a, HELP_MAX_BYTES);
	buf_add_str(&b, "Сообщения в теме диалога уходят покупателю. Команды:");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_addf(&b, "\n/%s%s — %s", rows[i].word, rows[i].args,
			 rows[i].ru);
	return b.s;
}

size_t command_offers(struct arena *a, bool russian,
		      struct command_offer **offers)
{
	*offers = arena_array(a, ARRAY_LEN(rows), sizeof(**offers));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		(*offers)[i] = (struct command_offer){
			.word = rows[i].word,
			.text = russian ? rows[i].ru : rows[i].en,
		};
	return ARRAY_LEN(rows);
}

/*
 * test_command.c - what an operator can tell the bot, and what of a message
 * is for the buyer.
 */
#include "config.h"

#include "chan/telegram.h"
#include "core/command.h"
#include "core/topic_message.h"
#include "harness/unit.h"

static void commands_are_known_by_their_words(void)
{
	UNIT_ASSERT_INT(command_read("/close"), COMMAND_CLOSE);
	UNIT_ASSERT_INT(command_read("/reopen"), COMMAND_REOPEN);
	UNIT_ASSERT_INT(command_read("/take"), COMMAND_TAKE);
	UNIT_ASSERT_INT(command_read("/assign"), COMMAND_ASSIGN);
	UNIT_ASSERT_INT(command_read("/note"), COMMAND_NOTE);
	UNIT_ASSERT_INT(command_read("/delete"), COMMAND_DELETE);
	UNIT_ASSERT_INT(command_read("/info"), COMMAND_INFO);
	UNIT_ASSERT_INT(command_read("/help"), COMMAND_HELP);
	UNIT_ASSERT_INT(command_read("/start"), COMMAND_HELP);
	UNIT_ASSERT_INT(command_read("/getid"), COMMAND_GETID);
	UNIT_ASSERT_INT(command_read("/closed"), COMMAND_UNKNOWN);
	UNIT_ASSERT_INT(command_read("close"), COMMAND_UNKNOWN);
	UNIT_ASSERT_INT(command_read("/"), COMMAND_UNKNOWN);
	UNIT_ASSERT_INT(command_read(""), COMMAND_UNKNOWN);
}

static const char *note(const char *text)
{
	size_t from = command_note(text);

	return from ? text + from : NULL;
}

static void note_begins_with_two_slashes_or_its_word(void)
{
	UNIT_ASSERT_STR(note("//звонил"), "звонил");
	UNIT_ASSERT_STR(note("//  звонил"), "звонил");
	UNIT_ASSERT_STR(note("//"), "");
	UNIT_ASSERT_STR(note("/note звонил"), "звонил");
	UNIT_ASSERT_STR(note("/NOTE\nзвонил"), "звонил");
	UNIT_ASSERT_STR(note("/note@our_bot звонил"), "звонил");
	UNIT_ASSERT_STR(note("/note"), "");
	CU_ASSERT_PTR_NULL(note("/notebook"));
	CU_ASSERT_PTR_NULL(note("/note-1"));
	CU_ASSERT_PTR_NULL(note("/ /"));
	CU_ASSERT_PTR_NULL(note("звонил // потом"));
	CU_ASSERT_PTR_NULL(note(""));
}

static void help_and_offers_name_every_command(void)
{
	struct command_offer *ru, *en;
	size_t n = command_offers(&unit_arena, true, &ru);
	const char *help = command_help(&unit_arena);

	UNIT_ASSERT_INT(command_offers(&unit_arena, false, &en), n);
	for (size_t i = 0; i < n; i++) {
		const char *word = arena_printf(&unit_arena, "/%s", ru[i].word);

		CU_ASSERT_PTR_NOT_NULL(strstr(help, word));
		CU_ASSERT_PTR_NOT_NULL(strstr(help, ru[i].text));
		CU_ASSERT_NOT_EQUAL(command_read(word), COMMAND_UNKNOWN);
		UNIT_ASSERT_STR(en[i].word, ru[i].word);
		CU_ASSERT_STRING_NOT_EQUAL(en[i].text, ru[i].text);
		/* Telegram's limit for a description. */
		CU_ASSERT_TRUE(strlen(ru[i].text) <= 256);
	}
}

/* ---- what is for the buyer ---- */

#define BOLD(offset, length) \
	"[{\"type\":\"bold\",\"offset\":" #offset ",\"length\":" #length "}]"

static struct topic_message written(const char *text, const char *entities)
{
	struct tg_update u = { .m = { .text = text, .entities = entities } };
	struct in_group g = { .u = &u };
	struct message_file file;

	u.m.media.url = u.m.media.ref = "";
	return topic_message_read(&unit_arena, &g, &file);
}

static void note_loses_its_sign_and_keeps_its_formatting(void)
{
	struct topic_message m = written("// цена 5", BOLD(8, 1));

	CU_ASSERT_TRUE(m.is_note);
	UNIT_ASSERT_STR(m.text, "цена 5");
	CU_ASSERT_PTR_NOT_NULL_FATAL(m.entities);
	CU_ASSERT_PTR_NOT_NULL(strstr(m.entities, "\"offset\":5"));
	m = written("цена 5", NULL);
	CU_ASSERT_FALSE(m.is_note);
	UNIT_ASSERT_STR(m.text, "цена 5");
}

static const char *unnamed(const char *text)
{
	struct topic_message m = written(text, NULL);

	return topic_message_unname(&unit_arena, &m, "our_bot") ? m.text : NULL;
}

static void name_of_the_bot_is_not_for_the_buyer(void)
{
	UNIT_ASSERT_STR(unnamed("@our_bot, еду"), "еду");
	UNIT_ASSERT_STR(unnamed("@Our_Bot еду"), "еду");
	UNIT_ASSERT_STR(unnamed("еду @our_bot"), "еду");
	UNIT_ASSERT_STR(unnamed("я @our_bot еду"), "я еду");
	UNIT_ASSERT_STR(unnamed("@our_bot"), "");
	UNIT_ASSERT_STR(unnamed("@our_bots @our_bot да"), "@our_bots да");
	CU_ASSERT_PTR_NULL(unnamed("mail@our_bot"));
	CU_ASSERT_PTR_NULL(unnamed("@our_bot2"));
	CU_ASSERT_PTR_NULL(unnamed("our_bot"));
}

static void names_of_several_bots_are_looked_for(void)
{
	struct topic_message m = written("привет, @second_bot!", NULL);

	CU_ASSERT_TRUE(
		topic_message_names(&unit_arena, &m, "first_bot second_bot"));
	CU_ASSERT_FALSE(topic_message_names(&unit_arena, &m, "first_bot"));
	CU_ASSERT_FALSE(topic_message_names(&unit_arena, &m, "second"));
	CU_ASSERT_FALSE(topic_message_names(&unit_arena, &m, ""));
}

static void formatting_moves_with_its_words(void)
{
	struct topic_message m = written("@our_bot, еду 😀 да", BOLD(17, 2));

	CU_ASSERT_TRUE(topic_message_unname(&unit_arena, &m, "our_bot"));
	UNIT_ASSERT_STR(m.text, "еду 😀 да");
	CU_ASSERT_PTR_NOT_NULL_FATAL(m.entities);
	CU_ASSERT_PTR_NOT_NULL(strstr(m.entities, "\"offset\":7"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(commands_are_known_by_their_words),
		UNIT_TEST(note_begins_with_two_slashes_or_its_word),
		UNIT_TEST(help_and_offers_name_every_command),
		UNIT_TEST(note_loses_its_sign_and_keeps_its_formatting),
		UNIT_TEST(name_of_the_bot_is_not_for_the_buyer),
		UNIT_TEST(names_of_several_bots_are_looked_for),
		UNIT_TEST(formatting_moves_with_its_words),
	};

	return unit_main("command", tests, ARRAY_LEN(tests), argc, argv);
}

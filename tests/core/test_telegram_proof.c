/*
 * test_telegram_proof.c - what Telegram signed about a person.
 *
 * The hashes come from Python, for the widget's fields f and for initData:
 *
 *	text = "\n".join(f"{k}={f[k]}" for k in sorted(f))
 *	key = hashlib.sha256(TOKEN).digest()
 *	key = hmac.new(b"WebAppData", TOKEN, hashlib.sha256).digest()
 *	hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
 */
#include "config.h"

#include "base/clock.h"
#include "core/telegram_proof.h"
#include "harness/unit.h"

#define AUTH_DATE INT64_C(1790000000)
#define NOW       (AUTH_DATE * CLOCK_SECOND_US)

#define SMALL_HASH \
	"2524617be82b54265c2417b3376a8d42b6b34e40a8be397dc98f61e472282dfa"
#define SMALL                                                       \
	"{\"id\":42,\"first_name\":\"A\",\"auth_date\":1790000000," \
	"\"hash\":\"" SMALL_HASH "\"}"

#define INIT_DATA                                                             \
	"query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C"   \
	"%22first_name%22%3A%22%D0%90%D0%BD%D0%BD%D0%B0%20%26%20%D0%9A%D0%BE" \
	"%22%2C%22last_name%22%3A%22%22%2C%22username%22%3A%22anna%22%2C"     \
	"%22language_code%22%3A%22ru%22%7D&auth_date=1790000000"              \
	"&signature=c2ln&hash=aea71d8febfec0afcaff5bc218b3e89e4a693d3dd569ab" \
	"235b06f12de53752b0"

static const struct secret token = {
	"700001:AAabcdefghijklmnopqrstuvwxyz_-012345", 43
};
static const struct secret other_token = {
	"700001:AAabcdefghijklmnopqrstuvwxyz_-012346", 43
};

static struct telegram_proof p;
static struct err err;

static enum err_kind widget_with(const char *json, struct secret key,
				 int64_t now)
{
	struct json_object *o = NULL;

	err = (struct err){ 0 };
	CU_ASSERT_TRUE_FATAL(
		json_read(&unit_arena, json, strlen(json), &o, &err));
	CU_ASSERT_EQUAL(
		telegram_widget_read(&unit_arena, o, key, now, &p, &err),
		err.kind == ERR_NONE);
	return err.kind;
}

static enum err_kind widget(const char *json)
{
	return widget_with(json, token, NOW);
}

static enum err_kind app_with(const char *s, struct secret key, int64_t now)
{
	err = (struct err){ 0 };
	CU_ASSERT_EQUAL(
		telegram_init_data_read(&unit_arena, s, key, now, &p, &err),
		err.kind == ERR_NONE);
	return err.kind;
}

static enum err_kind app(const char *s)
{
	return app_with(s, token, NOW);
}

static void a_widgets_fields_prove_a_person(void)
{
	UNIT_ASSERT_INT(
		widget("{\"username\":\"anna\",\"id\":\"4503599627370495\","
		       "\"first_name\":\"Анна\",\"last_name\":\"Петрова\","
		       "\"photo_url\":"
		       "\"https://t.me/i/userpic/320/a.jpg\","
		       "\"auth_date\":\"1790000000\",\"hash\":"
		       "\"62446766b9874caa76825ef3439ae24f"
		       "2475b96fbfc644f0a264dd50da26e995\"}"),
		ERR_NONE);
	UNIT_ASSERT_INT(p.telegram_user_id, INT64_C(4503599627370495));
	UNIT_ASSERT_STR(p.first_name, "Анна");
	UNIT_ASSERT_STR(p.last_name, "Петрова");
	UNIT_ASSERT_STR(p.username, "anna");
	UNIT_ASSERT_INT(p.expires_at, NOW + 660 * CLOCK_SECOND_US);
}

static void numbers_may_be_numbers_and_our_own_fields_do_not_count(void)
{
	UNIT_ASSERT_INT(widget(SMALL), ERR_NONE);
	UNIT_ASSERT_INT(p.telegram_user_id, 42);
	UNIT_ASSERT_STR(p.last_name, "");
	UNIT_ASSERT_STR(p.proof_hash, "25901b259bd17a8f7315a4f495256e4b1e63d15b"
				      "c7a22e3877044de2567896f4");
	UNIT_ASSERT_INT(
		widget("{\"id\":42,\"first_name\":\"A\",\"state\":\"s\","
		       "\"next\":\"/x\",\"csrf_token\":\"c\","
		       "\"auth_date\":1790000000,\"hash\":\"" SMALL_HASH "\"}"),
		ERR_NONE);
}

static void a_changed_field_is_refused(void)
{
	UNIT_ASSERT_INT(widget("{\"id\":43,\"first_name\":\"A\","
			       "\"auth_date\":1790000000,\"hash\":\"" SMALL_HASH
			       "\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"B\","
			       "\"auth_date\":1790000000,\"hash\":\"" SMALL_HASH
			       "\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"A\","
			       "\"auth_date\":1790000001,\"hash\":\"" SMALL_HASH
			       "\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"A\",\"more\":\"\","
			       "\"auth_date\":1790000000,\"hash\":\"" SMALL_HASH
			       "\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"auth_date\":1790000000,"
			       "\"hash\":\"" SMALL_HASH "\"}"),
			ERR_AUTH);
}

/* They would stand behind what is signed and push themselves out of it. */
static void fields_too_long_to_be_signed_are_refused(void)
{
	char *name = arena_alloc(&unit_arena, 300000);

	memset(name, 'q', 299999);
	UNIT_ASSERT_INT(
		widget(arena_printf(&unit_arena,
				    "{\"id\":42,\"first_name\":\"A\","
				    "\"auth_date\":1790000000,\"%s\":\"\","
				    "\"username\":\"root\",\"hash\":"
				    "\"" SMALL_HASH "\"}",
				    name)),
		ERR_INPUT);
}

static void a_hash_is_there_once_whole_and_in_lower_case(void)
{
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"A\","
			       "\"auth_date\":1790000000}"),
			ERR_INPUT);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"A\","
			       "\"auth_date\":1790000000,\"hash\":\"\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(
		widget("{\"id\":42,\"first_name\":\"A\","
		       "\"auth_date\":1790000000,\"hash\":\"2524617b\"}"),
		ERR_AUTH);
	UNIT_ASSERT_INT(widget("{\"id\":42,\"first_name\":\"A\","
			       "\"auth_date\":1790000000,\"hash\":"
			       "\"2524617BE82B54265C2417B3376A8D42"
			       "B6B34E40A8BE397DC98F61E472282DFA\"}"),
			ERR_AUTH);
	UNIT_ASSERT_INT(app(INIT_DATA "&hash=00"), ERR_INPUT);
	UNIT_ASSERT_INT(app("auth_date=1790000000"), ERR_INPUT);
	UNIT_ASSERT_INT(app("auth_date=1790000000&hash="), ERR_AUTH);
}

static void a_proof_for_another_bot_is_refused(void)
{
	UNIT_ASSERT_INT(widget_with(SMALL, other_token, NOW), ERR_AUTH);
	UNIT_ASSERT_INT(app_with(INIT_DATA, other_token, NOW), ERR_AUTH);
}

static void a_proof_is_good_for_ten_minutes_and_a_minute_ahead(void)
{
	const int64_t s = CLOCK_SECOND_US;

	UNIT_ASSERT_INT(widget_with(SMALL, token, NOW + 600 * s), ERR_NONE);
	UNIT_ASSERT_INT(widget_with(SMALL, token, NOW + 600 * s + 1), ERR_AUTH);
	UNIT_ASSERT_INT(widget_with(SMALL, token, NOW - 60 * s), ERR_NONE);
	UNIT_ASSERT_INT(widget_with(SMALL, token, NOW - 60 * s - 1), ERR_AUTH);
	UNIT_ASSERT_INT(app_with(INIT_DATA, token, NOW + 600 * s), ERR_NONE);
	UNIT_ASSERT_INT(app_with(INIT_DATA, token, NOW + 600 * s + 1),
			ERR_AUTH);
	UNIT_ASSERT_INT(app_with(INIT_DATA, token, NOW - 60 * s - 1), ERR_AUTH);
}

static void a_signed_text_without_a_person_or_a_time_is_refused(void)
{
	static const char *const bad[] = {
		"{\"id\":-5,\"first_name\":\"A\",\"auth_date\":1790000000,"
		"\"hash\":\"0dc929fafb98d81250b53936d3d22840"
		"9491151c06d9c8d462226c847bee7dd5\"}",
		"{\"first_name\":\"A\",\"auth_date\":1790000000,"
		"\"hash\":\"ce3a81897cbcbfd0a349f16ebbe0fcc7"
		"4d445ae1972a49e6d7f15c86c4a00e0b\"}",
		"{\"id\":4503599627370496,\"first_name\":\"A\","
		"\"auth_date\":1790000000,"
		"\"hash\":\"4c49c121794abfdcc1c85ae5f74fc0b4"
		"4d155ca8bf17a07b43f975fca4d13e8a\"}",
		"{\"id\":42,\"first_name\":\"A\","
		"\"hash\":\"31249d099f407e6a56caba3f74b66396"
		"a63cb466d53c6226c92a29e72072751e\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		UNIT_ASSERT_INT(widget(bad[i]), ERR_INPUT);
}

/* One MAC, two readings: as Telegram would sign number 7, whose first name
 * has line ends in it, and the same text cut into the fields of number 999. */
static void lines_cannot_be_drawn_anew(void)
{
#define HASH                                 \
	"\"87b0c958cbcdfc69e31efef84bd43f13" \
	"981df82eae960223aa1da2c2f40db4a4\""
	UNIT_ASSERT_INT(widget("{\"id\":7,\"first_name\":"
			       "\"A\\nid=999\\nlast_name=\","
			       "\"auth_date\":1790000000,\"hash\":" HASH "}"),
			ERR_INPUT);
	UNIT_ASSERT_INT(widget("{\"id\":999,\"first_name\":\"A\","
			       "\"last_name\":\"\\nid=7\","
			       "\"auth_date\":1790000000,\"hash\":" HASH "}"),
			ERR_INPUT);
#undef HASH
	UNIT_ASSERT_INT(widget("{\"a=b\":\"c\",\"hash\":\"\"}"), ERR_INPUT);
}

static void what_is_no_text_or_number_is_refused(void)
{
	UNIT_ASSERT_INT(widget("{\"id\":{},\"hash\":\"\"}"), ERR_INPUT);
	UNIT_ASSERT_INT(widget("{\"id\":null,\"hash\":\"\"}"), ERR_INPUT);
	UNIT_ASSERT_INT(widget("{\"id\":4.5,\"hash\":\"\"}"), ERR_INPUT);
	UNIT_ASSERT_INT(widget("{}"), ERR_INPUT);
	UNIT_ASSERT_INT(widget("[]"), ERR_INPUT);
}

static void init_data_proves_a_person(void)
{
	UNIT_ASSERT_INT(app(INIT_DATA), ERR_NONE);
	UNIT_ASSERT_INT(p.telegram_user_id, 279058397);
	UNIT_ASSERT_STR(p.first_name, "Анна & Ко");
	UNIT_ASSERT_STR(p.last_name, "");
	UNIT_ASSERT_STR(p.username, "anna");
	UNIT_ASSERT_INT(p.expires_at, NOW + 660 * CLOCK_SECOND_US);
}

static void the_two_keys_are_not_interchangeable(void)
{
	UNIT_ASSERT_INT(app("id=42&first_name=A&auth_date=1790000000"
			    "&hash=" SMALL_HASH),
			ERR_AUTH);
}

static void malformed_init_data_is_refused(void)
{
	static const char *const bad[] = {
		"",        "&",         "hash",         "%",
		"a=%zz",   "a=%00",     "a=%ff&hash=x", "a=1&a=2&hash=x",
		"=1&hash", "A=1&hash=", "a=1&&hash=x",
	};
	static const char *const signed_but_nobody[] = {
		"user=%7B%22id%22%3A%225%22%7D&auth_date=1790000000&hash="
		"f536eb7b1909c3e65feeb9e6baded27b"
		"960657114f0541c3d36544ae30284894",
		"user=%7B%22id%22%3A0%7D&auth_date=1790000000&hash="
		"1c30df7496d1f118a49c97ba9dd895c0"
		"226c3e620e0e38a594706e1de94e02fb",
		"auth_date=1790000000&hash="
		"053768840e956d7ea398f8df9263c200"
		"d9e195e84d9146537bd297ad193bcc66",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		UNIT_ASSERT_INT(app(bad[i]), ERR_INPUT);
	for (size_t i = 0; i < ARRAY_LEN(signed_but_nobody); i++)
		UNIT_ASSERT_INT(app(signed_but_nobody[i]), ERR_INPUT);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_widgets_fields_prove_a_person),
		UNIT_TEST(
			numbers_may_be_numbers_and_our_own_fields_do_not_count),
		UNIT_TEST(a_changed_field_is_refused),
		UNIT_TEST(fields_too_long_to_be_signed_are_refused),
		UNIT_TEST(a_hash_is_there_once_whole_and_in_lower_case),
		UNIT_TEST(a_proof_for_another_bot_is_refused),
		UNIT_TEST(a_proof_is_good_for_ten_minutes_and_a_minute_ahead),
		UNIT_TEST(a_signed_text_without_a_person_or_a_time_is_refused),
		UNIT_TEST(lines_cannot_be_drawn_anew),
		UNIT_TEST(what_is_no_text_or_number_is_refused),
		UNIT_TEST(init_data_proves_a_person),
		UNIT_TEST(the_two_keys_are_not_interchangeable),
		UNIT_TEST(malformed_init_data_is_refused),
	};

	return unit_main("telegram_proof", tests, ARRAY_LEN(tests), argc, argv);
}

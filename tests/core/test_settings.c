/*
 * test_settings.c - what each program demands, and what is refused at start.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/settings.h"
#include "harness/unit.h"

#define GOOD_APP "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define GOOD_JWT "0123456789abcdef0123456789abcdef"

static struct settings s;
static struct buf report;

/* From a file of these lines; nothing of the environment is set. */
static bool load(const char *lines, unsigned needs)
{
	char path[] = "/tmp/tuberry-settings.XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, lines, strlen(lines)),
			(ssize_t)strlen(lines));
	close(fd);
	buf_init(&report, &unit_arena, 65536);
	ok = settings_load(&unit_arena, path, needs, &s, &report);
	unlink(path);
	return ok;
}

static bool reports(const char *part)
{
	return strstr(report.s, part) != NULL;
}

static void without_needs_the_defaults_are_enough(void)
{
	CU_ASSERT_TRUE(load("", 0));
	UNIT_ASSERT_STR(report.s, "");
	UNIT_ASSERT_STR(s.telegram_api_base, "https://api.telegram.org");
	UNIT_ASSERT_STR(s.avito_api_base, "https://api.avito.ru");
	UNIT_ASSERT_INT(s.poll_interval_ms, 10000);
	UNIT_ASSERT_INT(s.jwt_expires_s, 900);
	UNIT_ASSERT_INT(s.refresh_expires_s, 2592000);
	CU_ASSERT_FALSE(s.allow_insecure_api);
	UNIT_ASSERT_STR(s.database_url, "");
	UNIT_ASSERT_INT((int)s.app_secret.len, 0);
}

static void each_need_demands_its_keys_and_no_others(void)
{
	static const struct {
		unsigned need;
		const char *key;
	} needs[] = {
		{ NEED_DATABASE_WEB, "DATABASE_URL: is required\n" },
		{ NEED_DATABASE_DAEMON, "DATABASE_URL_DAEMON: is required\n" },
		{ NEED_DATABASE_OWNER, "DATABASE_URL_OWNER: is required\n" },
		{ NEED_REDIS, "REDIS_URL: is required\n" },
		{ NEED_APP_SECRET, "APP_SECRET: is required\n" },
		{ NEED_JWT_SECRET, "JWT_SECRET: is required\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		CU_ASSERT_FALSE(load("", needs[i].need));
		UNIT_ASSERT_STR(report.s, needs[i].key);
	}
	/* These have defaults, or come in pairs. */
	CU_ASSERT_TRUE(load("", NEED_SOCKETS | NEED_MEDIA));
	CU_ASSERT_FALSE(load("", NEED_URLS));
	UNIT_ASSERT_STR(report.s, "WEBHOOK_BASE_URL: is required\n"
				  "FRONTEND_BASE_URL: is required\n");
}

static void every_problem_is_named_at_once_with_its_line(void)
{
	CU_ASSERT_FALSE(load("LOG_LEVEL=loud\n"
			     "POLL_INTERVAL_MS=1\n"
			     "NONSENSE=1\n"
			     "API_DOCS=maybe\n",
			     NEED_REDIS));
	CU_ASSERT_TRUE(reports("LOG_LEVEL: must be"));
	CU_ASSERT_TRUE(reports(":2: POLL_INTERVAL_MS: must be"));
	CU_ASSERT_TRUE(reports(":3: NONSENSE: unknown key"));
	CU_ASSERT_TRUE(reports(":4: API_DOCS: must be"));
	CU_ASSERT_TRUE(reports("REDIS_URL: is required"));
}

static void the_apis_must_be_https_unless_allowed(void)
{
	CU_ASSERT_FALSE(load("AVITO_API_BASE=http://127.0.0.1:1/avito\n", 0));
	CU_ASSERT_TRUE(reports("ALLOW_INSECURE_API"));
	CU_ASSERT_TRUE(load("AVITO_API_BASE=http://127.0.0.1:1/avito\n"
			    "ALLOW_INSECURE_API=1\n",
			    0));
	CU_ASSERT_FALSE(load("TELEGRAM_API_BASE=ftp://x\n"
			     "ALLOW_INSECURE_API=1\n",
			     0));
}

static void addresses_do_not_end_with_a_slash(void)
{
	CU_ASSERT_FALSE(load("WEBHOOK_BASE_URL=https://shop.example/\n", 0));
	CU_ASSERT_TRUE(reports("slash"));
	CU_ASSERT_TRUE(load("WEBHOOK_BASE_URL=https://shop.example\n", 0));
}

static void origins_of_other_sites_are_as_browsers_write_them(void)
{
	static const char *const bad[] = {
		"http://a.example",
		"https://",
		"https://a.example/",
		"https://A.example",
		"https://a.example:443",
		"https://a.example:0",
		"https://a.example:x",
		"https://u@a.example",
		"https://a.example:",
		"https://:8443",
		"https://a.example:065",
		"*",
		"null",
		"https://a.example,",
		"https://a, https://b",
		"https://a.example,,https://b",
	};

	CU_ASSERT_TRUE(load("CORS_ORIGINS=\n", 0));
	CU_ASSERT_TRUE(load("CORS_ORIGINS=https://a.example,"
			    "https://b-2.example:8443\n",
			    0));
	UNIT_ASSERT_STR(s.cors_origins,
			"https://a.example,https://b-2.example:8443");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(load(
			arena_printf(&unit_arena, "CORS_ORIGINS=%s\n", bad[i]),
			0));
		CU_ASSERT_TRUE(reports("CORS_ORIGINS: \""));
	}
	CU_ASSERT_FALSE(load("CORS_ORIGINS=https://a.example,b.example\n", 0));
	CU_ASSERT_TRUE(reports("CORS_ORIGINS: \"b.example\" must be like"));
}

static void proxies_are_numbers(void)
{
	static const char *const bad[] = {
		"proxy.example", "10.0.0.0/33", "10.0.0.0/0", "10.0.0",
		"::/0",          "fd00::/129",  "10.0.0.1/",  "10.0.0.1,",
		"unix:",         "10.0.0.1;",   "10.0.0.1 ",  "[::1]",
	};

	CU_ASSERT_TRUE(load("TRUSTED_PROXIES=\n", 0));
	CU_ASSERT_TRUE(
		load("TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7,fd00::/8,::1\n", 0));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(
			load(arena_printf(&unit_arena, "TRUSTED_PROXIES='%s'\n",
					  bad[i]),
			     0));
		CU_ASSERT_TRUE(reports("TRUSTED_PROXIES: \""));
	}
}

static void weak_secrets_are_refused_and_not_shown(void)
{
	CU_ASSERT_FALSE(load("APP_SECRET=hunter2\nJWT_SECRET=hunter3\n", 0));
	CU_ASSERT_TRUE(reports("APP_SECRET must be 32 bytes in base64"));
	CU_ASSERT_TRUE(reports("JWT_SECRET: must have at least 32"));
	CU_ASSERT_FALSE(reports("hunter"));
	CU_ASSERT_TRUE(load("APP_SECRET=" GOOD_APP "\nJWT_SECRET=" GOOD_JWT
			    "\n",
			    NEED_APP_SECRET | NEED_JWT_SECRET));
}

static void metrics_are_for_neighbours_only(void)
{
	static const char *const good[] = { "", "127.0.0.1:9464", "10.1.2.3:80",
					    "[::1]:9464" };
	static const char *const bad[] = {
		"localhost:9464", "127.0.0.1",     "9464",     ":9464",
		"127.0.0.1:",     "127.0.0.1:x",   "::1:9464", "0.0.0.0:9464",
		"[::]:9464",      "192.0.43.8:80", "[]:80",    "[::1]",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CU_ASSERT_TRUE(load(
			arena_printf(&unit_arena, "METRICS_ADDR=%s\n", good[i]),
			0));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(load(
			arena_printf(&unit_arena, "METRICS_ADDR=%s\n", bad[i]),
			0));
		CU_ASSERT_TRUE(reports("METRICS_ADDR"));
	}
}

static void the_environment_overrides_the_file(void)
{
	setenv("POLL_INTERVAL_MS", "500", 1);
	CU_ASSERT_TRUE(load("POLL_INTERVAL_MS=700\n", 0));
	UNIT_ASSERT_INT(s.poll_interval_ms, 500);
	unsetenv("POLL_INTERVAL_MS");
	CU_ASSERT_TRUE(load("POLL_INTERVAL_MS=700\n", 0));
	UNIT_ASSERT_INT(s.poll_interval_ms, 700);
}

static void a_missing_file_is_named(void)
{
	buf_init(&report, &unit_arena, 65536);
	CU_ASSERT_FALSE(
		settings_load(&unit_arena, "/nonexistent", 0, &s, &report));
	CU_ASSERT_TRUE(reports("/nonexistent"));
}

/* One that passes for each: a key's 32 bytes, in base64. */
static const char *good_value(const char *name)
{
	if (strcmp(name, "MASTER_BOT_TOKEN") == 0)
		return "123456789:AAabcdefghijklmnopqrstuvwxyz_-0123";
	return GOOD_APP;
}

static const char *write_secret(const char *value, mode_t mode)
{
	char *path = arena_str(&unit_arena, "/tmp/tuberry-settings.XXXXXX");
	int fd = mkstemp(path);

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, value, strlen(value)),
			(ssize_t)strlen(value));
	CU_ASSERT_EQUAL(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void every_secret_may_stand_in_a_file(void)
{
	const char *name;

	for (size_t i = 0; (name = settings_secret_name(i)); i++) {
		bool is_url = strncmp(name, "DATABASE_URL", 12) == 0;
		const char *path = write_secret(good_value(name), 0600);
		const char *line =
			arena_printf(&unit_arena, "%s_FILE=%s\n", name, path);

		CU_ASSERT_TRUE(settings_is_secret(name));
		/* The old key of a pair goes with a new one. */
		CU_ASSERT_TRUE(
			load(arena_printf(&unit_arena, "APP_SECRET=%s\n%s",
					  GOOD_APP, line),
			     0));
		UNIT_ASSERT_STR(report.s, "");
		if (strcmp(name, "JWT_SECRET_OLD") == 0)
			UNIT_ASSERT_STR(s.jwt_secret_old.bytes, GOOD_APP);
		CU_ASSERT_EQUAL(chmod(path, 0644), 0);
		CU_ASSERT_EQUAL(load(line, 0), is_url);
		CU_ASSERT_EQUAL(reports("chmod 600"), !is_url);
		unlink(path);
	}
}

static void vault_needs_nothing_but_its_own(void)
{
	CU_ASSERT_TRUE(load("VAULT_ADDR=https://10.1.2.3:8200\n"
			    "VAULT_TOKEN_FILE=/nowhere\n"
			    "VAULT_PATH=kv/data/shop/tuberry\n"
			    "APP_SECRET_FILE=/nowhere\nJWT_SECRET=weak\n",
			    NEED_VAULT));
	UNIT_ASSERT_STR(report.s, "");
	CU_ASSERT_FALSE(load("VAULT_ADDR=http://vault:8200\n", 0));
	CU_ASSERT_TRUE(reports("VAULT_ADDR: must begin with https://"));
	for (size_t i = 0; i < 4; i++) {
		static const char *const bad[] = { "secret/tuberry",
						   "secret/data/tu berry",
						   "secret/data/../../sys",
						   "secret/data/a?b" };

		CU_ASSERT_FALSE(load(
			arena_printf(&unit_arena, "VAULT_PATH=%s\n", bad[i]),
			0));
		CU_ASSERT_TRUE(reports("VAULT_PATH: "));
	}
	CU_ASSERT_FALSE(load("", NEED_VAULT));
	CU_ASSERT_TRUE(reports("VAULT_ADDR: is required"));
	CU_ASSERT_TRUE(reports("VAULT_TOKEN_FILE: is required"));
	CU_ASSERT_TRUE(reports("VAULT_PATH: is required"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(without_needs_the_defaults_are_enough),
		UNIT_TEST(each_need_demands_its_keys_and_no_others),
		UNIT_TEST(every_problem_is_named_at_once_with_its_line),
		UNIT_TEST(the_apis_must_be_https_unless_allowed),
		UNIT_TEST(addresses_do_not_end_with_a_slash),
		UNIT_TEST(origins_of_other_sites_are_as_browsers_write_them),
		UNIT_TEST(proxies_are_numbers),
		UNIT_TEST(weak_secrets_are_refused_and_not_shown),
		UNIT_TEST(metrics_are_for_neighbours_only),
		UNIT_TEST(the_environment_overrides_the_file),
		UNIT_TEST(a_missing_file_is_named),
		UNIT_TEST(every_secret_may_stand_in_a_file),
		UNIT_TEST(vault_needs_nothing_but_its_own),
	};

	/* Nothing of the machine's own settings may reach the tests. */
	if (clearenv() != 0)
		return EXIT_FAILURE;
	secret_init();
	return unit_main("settings", tests, ARRAY_LEN(tests), argc, argv);
}

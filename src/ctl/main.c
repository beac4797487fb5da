/*
 * main.c - tuberryctl: what an operator does by hand.
 *
 * A new command: a row here, a function declared in ctl.h, a file named after
 * its noun.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/fidelity.h"
#include "ctl/ctl.h"
#include "store/redis.h"

#define HELP_MAX_BYTES       16384
#define STATEMENT_TIMEOUT_MS 30000

static int run_show_config(struct ctl *c);
static int run_show_fidelity(struct ctl *c);
static int run_show_fidelity(struct ctl *c)
{
	struct buf b;

	buf_init(&b, c->a, HELP_MAX_BYTES);
	fidelity_describe(c->a, &b);
	fputs(b.s, stdout);
	return CTL_OK;
}

static int run_version(struct ctl *c);

static const struct command commands[] = {
	/* clang-format off */
	{ "migrate", "[--dry-run] [--sql-dir DIR]",
	  "bring the database's schema up to date, or tell what is missing",
	  NEED_DATABASE_OWNER, run_migrate },
	{ "seed", "[--demo]",
	  "make the first administrator, with the password in ADMIN_PASSWORD_FILE or a made-up one; --demo: a shop in the sandbox, too",
	  NEED_DATABASE_DAEMON, run_seed },
	{ "user create", "--login L --name N --role ROLE [--client ID] [--email E] [--password-stdin | --password-file FILE]",
	  "make an admin, owner or manager; without a password make one up",
	  NEED_DATABASE_DAEMON, run_user_create },
	{ "user list", "", "everybody: role, client, second factor, last sign-in",
	  NEED_DATABASE_DAEMON, run_user_list },
	{ "user set-password", "--login L [--password-stdin | --password-file FILE]",
	  "another password; ends the user's sessions and API tokens",
	  NEED_DATABASE_DAEMON, run_user_set_password },
	{ "user reset-second-factor", "--login L",
	  "switch off the second factor of a user who lost phone and recovery codes",
	  NEED_DATABASE_DAEMON, run_user_reset_second_factor },
	{ "user disable", "--login L", "let a user in no more; ends sessions, API tokens and invites made",
	  NEED_DATABASE_DAEMON, run_user_disable },
	{ "invite create", "--client ID --role ROLE [--uses N] [--days D] [--assigned-only]",
	  "a code that makes its bearer owner or manager of the client (default: 1 use, 7 days)",
	  NEED_DATABASE_DAEMON, run_invite_create },
	{ "invite list", "[--client ID]", "all invites, without their codes",
	  NEED_DATABASE_DAEMON, run_invite_list },
	{ "invite get", "ID", "one of them", NEED_DATABASE_DAEMON, run_invite_get },
	{ "invite revoke", "ID", "let nobody use it any more",
	  NEED_DATABASE_DAEMON, run_invite_revoke },
	{ "delivery list", "[--state STATE] [--limit N]",
	  "messages on their way: queued, sending, unsure, dead (default: all of these)",
	  NEED_DATABASE_DAEMON, run_delivery_list },
	{ "delivery retry", "ID", "send again what failed, or at once what waits",
	  NEED_DATABASE_DAEMON, run_delivery_retry },
	{ "delivery discard", "ID", "take a message out of its queue",
	  NEED_DATABASE_DAEMON, run_delivery_discard },
	{ "delivery confirm", "ID", "a message to the buyer has arrived after all: you know it",
	  NEED_DATABASE_DAEMON, run_delivery_confirm },
	{ "notice list", "[--state STATE] [--limit N]",
	  "what a person must know: open, acknowledged, closed (default: all of these)",
	  NEED_DATABASE_DAEMON, run_notice_list },
	{ "notice ack", "ID", "somebody knows of it",
	  NEED_DATABASE_DAEMON, run_notice_ack },
	{ "secrets rotate", "[--dry-run]",
	  "seal every stored secret anew under APP_SECRET, so that APP_SECRET_OLD may go",
	  NEED_DATABASE_DAEMON | NEED_APP_SECRET, run_secrets_rotate },
	{ "vault render", "DIR [NAME ...]",
	  "secret settings out of Vault, a file DIR/NAME each, for NAME_FILE; those NAMEd must be among them",
	  NEED_VAULT, run_vault_render },
	{ "doctor", "[--json]",
	  "look at everything and name the cure; status 1: a warning, 2: a failure",
	  0, run_doctor },
	{ "show-config", "", "every setting, its default and its meaning",
	  0, run_show_config },
	{ "show-fidelity", "", "what becomes of every kind of message on its way",
	  0, run_show_fidelity },
	{ "version", "", "the version of this program", 0, run_version },
	/* clang-format on */
};

static int run_show_config(struct ctl *c)
{
	struct buf b;

	buf_init(&b, c->a, HELP_MAX_BYTES);
	settings_describe(&b);
	fputs(b.s, stdout);
	return CTL_OK;
}

static int run_version(struct ctl *c UNUSED)
{
	puts(PACKAGE_STRING);
	return CTL_OK;
}

static const char *make_help(struct arena *a)
{
	struct buf b;

	buf_init(&b, a, HELP_MAX_BYTES);
	buf_add_str(&b,
		    "usage: tuberryctl [--config FILE] COMMAND ...\n"
		    "       tuberryctl --help | --version | --check-config\n"
		    "\n"
		    "commands:\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		buf_addf(&b, "  %s%s%s\n      %s\n", commands[i].name,
			 *commands[i].args ? " " : "", commands[i].args,
			 commands[i].help);
	buf_add_str(&b,
		    "\n"
		    "FILE has KEY=VALUE lines; the environment overrides it.\n"
		    "Exit status: 0 done, 1 failed, 64 wrong usage, 78 bad "
		    "settings.\n");
	return b.s;
}

/* The first word that is no option of settings_main(), whose needs depend on
 * it. */
static int find_word(int argc, char **argv, const char **config)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++)
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			*config = argv[++i];
	return i;
}

/* *words: how many arguments name it. */
static const struct command *find_command(struct arena *a, int argc,
					  char **argv, int at, int *words)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const char *name = commands[i].name;

		*words = strchr(name, ' ') ? 2 : 1;
		if (at + *words > argc)
			continue;
		if (strcmp(*words == 1 ? argv[at]
				       : arena_printf(a, "%s %s", argv[at],
						      argv[at + 1]),
			   name) == 0)
			return &commands[i];
	}
	return NULL;
}

int ctl_usage(const struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "tuberryctl %s: ", c->command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: tuberryctl [--config FILE] %s %s\n",
		c->command->name, c->command->args);
	return CTL_USAGE;
}

int ctl_failed(const struct ctl *c, const struct err *err)
{
	fprintf(stderr, "tuberryctl %s: %s%s%s\n", c->command->name, err->field,
		*err->field ? ": " : "", err->text);
	if (err->kind == ERR_DOWN)
		fprintf(stderr, "tuberryctl doctor tells what is wrong\n");
	return CTL_FAILED;
}

int64_t ctl_id(const struct ctl *c, const char *what, const char *text)
{
	long long id;

	if (text_read_i64(text, 1, INT64_MAX, &id))
		return id;
	ctl_usage(c, "%s must be a whole number above 0, not \"%s\"", what,
		  text);
	return 0;
}

struct db *ctl_db(struct ctl *c)
{
	if (!c->db)
		c->db = db_new(c->s->database_url_daemon, "tuberryctl",
			       STATEMENT_TIMEOUT_MS);
	return c->db;
}

void ctl_ring(const struct ctl *c)
{
	struct redis *r = *c->s->redis_url ? redis_new(c->s->redis_url) : NULL;

	if (r)
		redis_ring(r);
	redis_free(r);
}

static int run(struct arena *a, int argc, char **argv)
{
	struct settings s;
	struct ctl c = { .a = a, .s = &s };
	int words, status, at = find_word(argc, argv, &c.config);
	const char *help = make_help(a);

	c.command = find_command(a, argc, argv, at, &words);
	at = settings_main(a, argc, argv, help,
			   c.command ? c.command->needs : 0, &s);
	if (!c.command) {
		if (at < argc)
			fprintf(stderr, "tuberryctl: there is no %s \"%s\"\n\n",
				argv[at][0] == '-' ? "option" : "command",
				argv[at]);
		fputs(help, stderr);
		return CTL_USAGE;
	}
	c.argc = argc - at - words + 1;
	c.argv = argv + at + words - 1;
	c.argv[0] = arena_printf(a, "tuberryctl %s", c.command->name);
	status = c.command->run(&c);
	db_free(c.db);
	return status;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	int status = run(&a, argc, argv);

	arena_release(&a);
	return status;
}

"""Last: what all the others were given is in no log."""

from lib.runner import test


@test(last=True, everywhere=True)
def no_secret_is_in_any_log(w):
    # A sign-in of its own, so that there is always something to look for.
    w.user(w.client())
    secrets = {s for s in w.secrets if len(s) >= 12}
    assert secrets
    for name in w.stack.log_names():
        # The sandbox is the other side; it knows them by right.
        if name == "sandbox":
            continue
        for line in w.stack.log_text(name).splitlines():
            for secret in secrets:
                assert secret not in line, \
                    f"{name}.log: {line.replace(secret, '<SECRET>')}"


@test(last=True, everywhere=True)
def no_error_message_in_the_database_holds_a_secret(w):
    told = w.db.rows(
        "SELECT last_error FROM bots WHERE last_error IS NOT NULL UNION ALL"
        " SELECT last_error FROM avito_accounts WHERE last_error IS NOT NULL"
        " UNION ALL SELECT last_error FROM deliveries"
        " WHERE last_error IS NOT NULL"
        " UNION ALL SELECT detail FROM attempts"
        " UNION ALL SELECT coalesce(last_error, '') || args FROM tasks")
    text = repr(told)
    for secret in w.secrets:
        if len(secret) >= 12:
            assert secret not in text, text[max(text.index(secret) - 80, 0):
                                            text.index(secret)]

from __future__ import annotations

import threading

import pytest

from seeder.errors import DeniedError, ThrottledError
from seeder.registry.credential import Credential
from seeder.registry.logins import Logins

REALM = "https://auth.test/token"
ME = Credential(username="me", secret="s")


def refuse(logins: Logins, error: Exception, credential: Credential | None = ME) -> None:
    with pytest.raises(type(error)) as caught, logins.tried(REALM, credential):
        raise error
    assert caught.value is error


def test_a_locked_account_is_not_asked_again() -> None:
    logins, locked = Logins(), DeniedError("locked", code="too-many-logins")
    refuse(logins, locked)
    with pytest.raises(DeniedError) as caught, logins.tried(REALM, ME):
        pytest.fail("it was asked again")
    assert caught.value is locked


def test_a_login_that_never_worked_is_tried_three_times() -> None:
    logins, refused = Logins(), DeniedError("wrong")
    for _ in range(3):
        refuse(logins, refused)
    with pytest.raises(DeniedError), logins.tried(REALM, ME):
        pytest.fail("it was asked again")
    with logins.tried("https://other.test/token", ME):
        pass


def test_what_worked_once_may_be_refused_for_as_many_repositories_as_there_are() -> None:
    logins = Logins()
    with logins.tried(REALM, ME):
        pass
    for _ in range(9):
        refuse(logins, DeniedError("not this one"))


@pytest.mark.parametrize(("credential", "error"), [(None, DeniedError("no")), (ME, ThrottledError("slower"))])
def test_who_has_no_login_and_who_asks_too_fast_may_ask_again(credential: Credential | None, error: Exception) -> None:
    logins = Logins()
    for _ in range(9):
        refuse(logins, error, credential)


def test_of_many_at_once_the_first_alone_tries_a_wrong_password() -> None:
    logins, asked = Logins(), []

    def ask() -> None:
        try:
            with logins.tried(REALM, ME):
                asked.append(1)
                raise DeniedError("locked", code="too-many-logins")
        except DeniedError:
            return

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [1]

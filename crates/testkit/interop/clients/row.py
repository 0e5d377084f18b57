"""How a client's script says what it asked a client for, and what came: a line of JSON for each check, which
`real_clients.py` reads."""

import itertools
import json
import os
import time
from contextlib import contextmanager
from functools import partial

from cases import CITIES, FAMILIES, RESULTS

URL, TLS_URL = os.environ.get("FAKE_BEDROCK_URL", ""), os.environ.get("FAKE_BEDROCK_TLS_URL", "")
copies = itertools.count()
# The certificate that clients must trust at TLS_URL.
AUTHORITY = os.environ.get("FAKE_BEDROCK_AUTHORITY", "")


def model(case, family="claude"):
    return FAMILIES[family].format(case)


def once(case):
    """The next copy of a case with several replies."""
    return f"{case}-{next(copies)}"


class Row:
    """One client, in one way of using it."""

    def __init__(self, client, version):
        self.client = f"{client} {version}"

    def tell(self, what, **more):
        print(json.dumps({"client": self.client, "what": what, **more}, default=repr), flush=True)

    @contextmanager
    def asks(self, what):
        """Gives what compares; whatever is raised inside is a failure, and the next check is made all the same."""
        try:
            yield partial(self._expect, what)
        except Exception as error:  # noqa: BLE001
            self.tell(what, ok=False, found=f"{type(error).__name__}: {error}"[:2000], expected="no error")

    def cannot(self, what, why):
        """The client has no such thing."""
        self.tell(what, cannot=why)

    def raises(self, what, call, *names):
        """The call raises an exception of one of these names, or of a class derived from it."""
        try:
            found = call()
        except Exception as error:  # noqa: BLE001
            bases = {base.__name__ for base in type(error).__mro__}
            chain = f"{type(error).__name__}: {error}"[:500]
            self.tell(what, ok=bool(bases & set(names)), found=chain, expected=names)
        else:
            self.tell(what, ok=False, found=repr(found)[:500], expected=names)

    def waits(self, what, call, expected):
        """The first answer is a throttle that says to wait a second; the client tries again by itself, not before that."""
        with self.asks(what) as expect:
            began = time.monotonic()
            expect(call(), expected)
            took = time.monotonic() - began
            expect(took >= 0.9 or f"asked again after {took:.2f} s, before the second of Retry-After", True)

    def _expect(self, what, found, expected):
        self.tell(what, ok=found == expected, found=found, expected=expected)


def has_results(text):
    """Whether an answer that the fake made up repeats the results of both tools."""
    return [result in text for result in RESULTS]


def counts(usage_in, usage_out):
    """Whether tokens were counted."""
    return [isinstance(count, int) and count > 0 for count in (usage_in, usage_out)]


CALLED = [(f"tooluse_{at}", "look", {"city": city}) for at, city in enumerate(CITIES)]
BOTH = [True, True]

"""What the trials share: the sandbox's address, and a count of the calls that went well.

A trial uses a vendor's SDK as it was published. Nothing is changed but the host.
"""

import json
import os
import sys
import traceback
import urllib.request

ORIGIN = os.environ.get("SANDBOX", "http://127.0.0.1:8080")


def base_url(provider):
    """The address that takes the place of the vendor's."""
    return f"{ORIGIN}/{provider}"


class Trial:
    """Counts the documented calls of one SDK and says which of them were completed."""

    def __init__(self, sdk, provider, documented):
        self.sdk = sdk
        self.provider = provider
        self.documented = list(documented)
        self.good = set()
        self.bad = set()
        # Each trial finds the sandbox as it was when it started.
        urllib.request.urlopen(urllib.request.Request(f"{ORIGIN}/_sandbox/reset", method="POST"), timeout=10).close()
        print(f"{sdk} against {base_url(provider)}")

    def call(self, call, *arguments, check=lambda answer: True, **options):
        """Makes a call and holds its answer against `check`; returns the answer, or None."""
        name = call.__name__
        try:
            answer = call(*arguments, **options)
            if not check(answer):
                raise AssertionError(f"unexpected answer: {answer!r}")
        except Exception as trouble:  # What an SDK raises is what the trial is about.
            self.bad.add(name)
            print(f"  FAILED {name}: {type(trouble).__name__}: {str(trouble).strip()}")
            if os.environ.get("VERBOSE"):
                traceback.print_exc()
            return None
        self.good.add(name)
        print(f"  ok     {name}")
        return answer

    def refused(self, status, call, *arguments, **options):
        """Makes a call that has to be refused with this status. Does not count as a completed call."""
        try:
            answer = call(*arguments, **options)
        except Exception as refusal:
            if getattr(refusal, "status", None) == status:
                print(f"  ok     {call.__name__} is refused with {status}")
                return
            answer = f"{type(refusal).__name__}: {refusal}"
        self.bad.add(call.__name__)
        print(f"  FAILED {call.__name__}: wanted the status {status}, not {answer!r}")

    def finish(self):
        """Prints the sum and ends the program: 0 if each documented call was completed."""
        done = [name for name in self.documented if name in self.good and name not in self.bad]
        # Where the sandbox caught itself answering otherwise than the document says.
        with urllib.request.urlopen(f"{ORIGIN}/_sandbox/problems", timeout=10) as answer:
            problems = json.load(answer)
        print(f"{self.sdk}: {len(done)} of {len(self.documented)} documented calls completed")
        for name in self.documented:
            if name not in done:
                print(f"  missing: {name}")
        for problem in problems:
            print(f"  sandbox: {problem}")
        sys.exit(0 if len(done) == len(self.documented) and not problems else 1)

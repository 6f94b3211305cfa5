"""Issues from a partner to Request Tracker and back, and the proof of what arrived.

For every issue: the partner opens it and adds a comment; when its ticket has that comment, an agent writes a note for
colleagues, answers the partner and resolves; the partner accepts what is proposed; both sides close. At the end each
side is read again, and whatever is missing, doubled or not meant for its reader is counted. Python's library alone.
"""

import argparse
import concurrent.futures
import json
import pathlib
import queue
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

PATIENCE = 180  # seconds without any issue advancing
POLL = 0.3


class Api:
    def __init__(self, base, scheme, token_file):
        self.base, self.authorization = base, f"{scheme} {pathlib.Path(token_file).read_text().strip()}"

    def __call__(self, method, path, body=None, **query):
        url = self.base + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from None


class Issue:
    """What was said, and when each step was seen."""

    def __init__(self, run, number):
        self.title = f"Invoice {run}-{number:04} was rejected"
        self.question = f"It is about position 3 ({run}-{number:04})"
        self.answer = f"We found the line, a credit follows ({run}-{number:04})"
        self.note = f"internal-{run}: the vendor is on the watch list ({number:04})"
        self.case = self.ticket = None
        self.seen = {}  # step: time

    def reached(self, step):
        return step in self.seen


class Demo:
    def __init__(self, options):
        secrets = pathlib.Path(options.secrets)
        self.partner = Api(options.community, "Bearer", secrets / "community-ACME.token")
        self.stranger = Api(options.community, "Bearer", secrets / "community-GLOBEX.token")
        self.agent = Api(options.rt + "/REST/2.0", "token", secrets / "rt-agent1.token")
        self.options, self.run_id = options, uuid.uuid4().hex[:8]
        self.issues = [Issue(self.run_id, n + 1) for n in range(options.issues)]
        self.moved, self.failures, self.to_answer = time.monotonic(), [], queue.Queue()

    def step(self, issue, name):
        if not issue.reached(name):
            issue.seen[name] = self.moved = time.monotonic()

    # ---- what people do

    def open_all(self):
        begin = time.monotonic()
        for number, issue in enumerate(self.issues):
            time.sleep(max(0.0, begin + number / self.options.rate - time.monotonic()))
            opened = self.partner("POST", "/partner/v1/cases", {
                "title": issue.title, "description": "The 810 of this morning came back with error 7.",
                "severity": "MAJOR", "category": "EDI_TECHNICAL",
                "contact": {"name": "Pat Partner", "email": "pat@partner.example"}})
            issue.case = opened["case_id"]
            self.step(issue, "opened")
            self.partner("POST", f"/partner/v1/cases/{issue.case}/comments", {"text": issue.question})

    def answer_some(self):
        """One agent: takes issues until there are no more."""
        while (issue := self.to_answer.get()) is not None:
            if not any(kind == "Correspond" for kind, _, _ in self.messages(issue, texts=False)):
                time.sleep(POLL / self.options.agents)
                self.to_answer.put(issue)
                continue
            ticket, text = f"/ticket/{issue.ticket}", {"ContentType": "text/plain"}
            self.agent("POST", f"{ticket}/comment", text | {"Content": issue.note})
            self.agent("POST", f"{ticket}/correspond", text | {"Content": issue.answer})
            self.agent("PUT", ticket, {"CustomFields": {"Resolution Note": "Credit note 77 was issued"}})
            self.agent("PUT", ticket, {"Status": "resolved"})
            self.step(issue, "resolved")

    def watch(self):
        """Sees what reaches the community, accepts what is proposed; returns when everything is closed there."""
        while not all(issue.reached("closed") for issue in self.issues):
            cases = {case["id"]: case for case in self.partner("GET", "/control/cases")}
            for issue in self.issues:
                case = cases.get(issue.case)
                if case is None or issue.reached("closed"):
                    continue
                if case["reference"] and not issue.reached("referenced"):
                    issue.ticket = int(case["reference"])
                    self.step(issue, "referenced")
                    self.to_answer.put(issue)
                if case["status"] == "resolved" and not issue.reached("proposed"):
                    self.step(issue, "proposed")
                    version = case["resolution"]["resolution_version"]
                    self.partner("POST", f"/partner/v1/cases/{issue.case}/resolutions/{version}/acceptance", {})
                if case["status"] == "closed":
                    self.step(issue, "closed")
            self.give_up_when_stuck("closed cases")
            time.sleep(POLL)

    def give_up_when_stuck(self, what):
        if self.failures:
            raise RuntimeError(self.failures[0])
        if time.monotonic() - self.moved > PATIENCE:
            raise TimeoutError(f"nothing moved for {PATIENCE} s while waiting for {what}")

    # ---- what is there

    def tickets(self):
        """Every ticket of this run, as Request Tracker lists them."""
        found, page = [], 1
        while True:
            answer = self.agent("GET", "/tickets", query=f"Subject LIKE '{self.run_id}'", fields="Subject,Status",
                                per_page=100, page=page)
            found += answer["items"]
            if len(answer["items"]) < 100:
                return found
            page += 1

    def messages(self, issue, texts=True):
        """(kind, who, text) of comments and correspondence of the ticket, in order."""
        answer = self.agent("GET", f"/ticket/{issue.ticket}/history", fields="Type,Creator", per_page=100)
        rows = [row for row in answer["items"] if row["Type"] in ("Correspond", "Comment")]
        return [(row["Type"], row["Creator"]["id"], self.text(row["id"]) if texts else "") for row in rows]

    def text(self, transaction):
        parts = self.agent("GET", f"/transaction/{transaction}/attachments", fields="ContentType,Content")["items"]
        return "\n".join(p["Content"].strip() for p in parts if (p["ContentType"] or "").startswith("text/"))

    def is_right(self, issue, case):
        """Each side has exactly what was said to it, once and in order."""
        if case is None or issue.ticket is None:
            return False
        messages = self.messages(issue)
        said = [(who, text) for kind, who, text in messages if kind == "Correspond"]
        notes = [text for kind, who, text in messages if kind == "Comment" and who == "agent1"]
        return ([comment["text"] for comment in case["comments"]] == [issue.question, issue.answer]
                and len(said) == 2 and said[0][0] == "causeway-partner" and issue.question in said[0][1]
                and said[1] == ("agent1", issue.answer) and notes == [issue.note])

    # ---- the run

    def guarded(self, work):
        try:
            work()
        except Exception as error:  # told by whoever watches
            self.failures.append(f"{work.__name__}: {error}")

    def run(self):
        """Returns the seconds it took, or None when it stopped half-way."""
        begin, works = time.monotonic(), [self.open_all] + [self.answer_some] * self.options.agents
        for work in works:
            threading.Thread(target=self.guarded, args=(work,), daemon=True).start()
        try:
            self.watch()
            while sum(ticket["Status"] == "closed" for ticket in self.tickets()) < len(self.issues):
                self.give_up_when_stuck("closed tickets")
                time.sleep(POLL)
            return time.monotonic() - begin
        except (RuntimeError, OSError) as error:
            print(f"stopped: {error}", file=sys.stderr)
            return None
        finally:
            for _ in range(self.options.agents):
                self.to_answer.put(None)

    def report(self, elapsed):
        cases = {case["id"]: case for case in self.partner("GET", "/control/cases")}
        mine = [cases.get(issue.case) for issue in self.issues]
        tickets, wanted = self.tickets(), len(self.issues)
        with concurrent.futures.ThreadPoolExecutor(self.options.agents) as pool:
            right = sum(pool.map(self.is_right, self.issues, mine))
        titles = [ticket["Subject"] for ticket in tickets]
        doubled = sum(max(0, sum(issue.title in title for title in titles) - 1) for issue in self.issues)
        leaked = json.dumps(list(cases.values())).count(f"internal-{self.run_id}")
        strange = json.dumps(self.stranger("GET", "/partner/v1/cases")).count(self.run_id)
        rows = [
            ("tickets created", len(tickets), wanted),
            ("cases closed at the community", sum(c is not None and c["status"] == "closed" for c in mine), wanted),
            ("tickets closed", sum(ticket["Status"] == "closed" for ticket in tickets), wanted),
            ("duplicate tickets", doubled, 0),
            ("exactly right correspondence", right, wanted),
            ("internal texts at the community", leaked, 0),
            ("cases another partner sees", strange, 0),
        ]
        for name, have, want in rows:
            print(f"{name:34}{have:6}" + ("" if have == want else f"   WRONG, {want} expected"))
        for name, first, last in [("issue to reference at the partner", "opened", "referenced"),
                                  ("resolved to proposal at the partner", "resolved", "proposed"),
                                  ("acceptance to both told", "proposed", "closed")]:
            spans = [i.seen[last] - i.seen[first] for i in self.issues if i.reached(first) and i.reached(last)]
            if spans:
                print(f"{name:36}median {statistics.median(spans):.1f} s, longest {max(spans):.1f} s")
        print(f"elapsed                           {elapsed:6.1f} s" if elapsed else "elapsed: it did not end")
        return elapsed is not None and all(have == want for _, have, want in rows)


def main():
    parser = argparse.ArgumentParser(description="issues from the community to Request Tracker and back")
    for name, kind in [("issues", int), ("rate", float), ("agents", int)]:
        parser.add_argument(f"--{name}", type=kind, required=True)
    for name in ["community", "rt", "secrets"]:
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    if options.issues < 1 or options.rate <= 0 or options.agents < 1:
        parser.error("at least one issue, a positive rate, at least one agent")
    demo = Demo(options)
    print(f"run {demo.run_id}: {options.issues} issues, {options.rate:g} a second, {options.agents} agents")
    sys.exit(0 if demo.report(demo.run()) else 1)


if __name__ == "__main__":
    main()

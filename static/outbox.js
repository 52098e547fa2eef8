// Steps that were taken and are not yet confirmed: kept in this browser, sent one after the other, done once.
// Pages open an outbox each, under a prefix of their own: two people on one computer do not send each other's steps.
"use strict";

(() => {
  const FIRST_WAIT = 2000, LONGEST_WAIT = 30000, PATIENCE = 20000; // milliseconds

  class Unreachable extends Error {}

  const token = () =>
    document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;

  /** A random UUID; `crypto.randomUUID` is only there over https. */
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  /** Ask one of our doors. Resolves to {status, data}; rejects with Unreachable when no answer of ours came. */
  async function post(address, body) {
    let answer;
    try {
      answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify(body),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new Unreachable("offline");
    }
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.type === "opaqueredirect" || (answer.status === 403 && !isOurs)) throw new Unreachable("signed-out");
    if (answer.status >= 500 || answer.status === 429) throw new Unreachable("offline");
    try {
      return { status: answer.status, data: isOurs ? await answer.json() : {} };
    } catch {
      throw new Unreachable("offline");
    }
  }

  /** Ask for a fragment or a list. Rejects with Unreachable as above. */
  async function get(address) {
    let answer;
    try {
      answer = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      throw new Unreachable("offline");
    }
    if (answer.type === "opaqueredirect") throw new Unreachable("signed-out");
    if (!answer.ok) throw new Unreachable("offline");
    return answer;
  }

  /** An outbox whose entries are {body with its key, label and what for people, …}; `send(entry)` resolves as `post`. */
  function open(prefix, send) {
    const entries = new Map();
    let number = 0, isSending = false, timer = 0, wait = FIRST_WAIT;

    const outbox = {
      /** "", "offline" or "signed-out": why the oldest step has not gone out. */
      trouble: "",
      /** Whether this browser lets us keep anything. */
      isKept: true,
      onchange() {},
      onsend(_entry) {},
      onanswer(_entry, _answer) {},

      get waiting() {
        return [...entries.values()].sort((a, b) => (a.n < b.n ? -1 : 1));
      },

      /** Keep a step and send it. */
      add(entry) {
        entry.n = `${String(Date.now()).padStart(15, "0")}-${String(number++).padStart(6, "0")}`;
        keep(entry);
        outbox.onchange();
        outbox.flush();
        return entry;
      },

      /** Take a step out that has never been sent. False when it may have reached the server. */
      cancel(key) {
        const entry = outbox.waiting.find((one) => one.body.key === key);
        if (!entry || entry.isTried) return false;
        drop(entry);
        outbox.onchange();
        return true;
      },

      async flush() {
        if (isSending) return;
        isSending = true;
        clearTimeout(timer);
        try {
          for (let entry; (entry = outbox.waiting[0]); ) {
            outbox.onsend(entry);
            entry.isTried = true;
            keep(entry);
            let answer;
            try {
              answer = await send(entry);
            } catch (error) {
              if (!(error instanceof Unreachable)) throw error;
              outbox.trouble = error.message;
              timer = setTimeout(outbox.flush, wait);
              wait = Math.min(wait * 2, LONGEST_WAIT);
              return;
            }
            outbox.trouble = "";
            wait = FIRST_WAIT;
            drop(entry);
            outbox.onanswer(entry, answer);
          }
        } finally {
          isSending = false;
          outbox.onchange();
        }
      },

      /** Now, not when the waiting time is over. */
      retry() {
        wait = FIRST_WAIT;
        outbox.flush();
      },
    };

    function keep(entry) {
      entries.set(entry.n, entry);
      try {
        localStorage.setItem(prefix + entry.n, JSON.stringify(entry));
      } catch {
        outbox.isKept = false;
      }
    }

    function drop(entry) {
      entries.delete(entry.n);
      try {
        localStorage.removeItem(prefix + entry.n);
      } catch {
        outbox.isKept = false;
      }
    }

    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(prefix)) {
          const entry = JSON.parse(localStorage.getItem(name));
          entries.set(entry.n, entry);
        }
      }
    } catch {
      outbox.isKept = false;
    }

    addEventListener("online", outbox.retry);
    addEventListener("focus", () => outbox.trouble === "signed-out" && outbox.retry()); // signed in again in another tab
    return outbox;
  }

  window.Outbox = { Unreachable, newKey, post, get, open };
})();

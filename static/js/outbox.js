// Steps that the server has not yet confirmed: kept in this browser, sent one after the other, carried out once.
// Each page opens an outbox with its own prefix: two people at one computer do not send each other's steps.

const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30000;
const TIMEOUT = 20000; // milliseconds

/** The server did not answer: the message is "offline" or "signed-out". */
export class Unreachable extends Error {}

const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;

/** A random UUID; `crypto.randomUUID` is only there over https. */
export const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

async function request(address, options = {}) {
  try {
    return await fetch(address, { ...options, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
  } catch {
    throw new Unreachable("offline");
  }
}

/** Post JSON. Resolves to {status, data}; rejects with Unreachable when the server itself did not answer. */
export async function post(address, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  const answer = await request(address, { method: "POST", headers, body: JSON.stringify(body) });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (answer.type === "opaqueredirect" || (answer.status === 403 && !isJson)) throw new Unreachable("signed-out");
  if (answer.status >= 500 || answer.status === 429) throw new Unreachable("offline");
  try {
    return { status: answer.status, data: isJson ? await answer.json() : {} };
  } catch {
    throw new Unreachable("offline");
  }
}

/** Fetch a fragment or a list. Rejects with Unreachable as `post` does. */
export async function get(address) {
  const answer = await request(address);
  if (answer.type === "opaqueredirect") throw new Unreachable("signed-out");
  if (!answer.ok) throw new Unreachable("offline");
  return answer;
}

/** An outbox whose entries are {body with its key, label and what for people, …}; `send(entry)` resolves as `post`. */
export function openOutbox(prefix, send) {
  const entries = new Map();
  let number = 0;
  let isSending = false;
  let timer = 0;
  let wait = FIRST_WAIT;

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
      const entry = outbox.waiting.find((kept) => kept.body.key === key);
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
        for (let entry = outbox.waiting[0]; entry; entry = outbox.waiting[0]) {
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

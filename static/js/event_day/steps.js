// Steps taken on the day of a round: how the last one went, and the outbox that keeps and sends them.
import { newKey, openOutbox, post } from "../outbox.js";
import { announce, byId } from "../page.js";

/** How the last step went, in large letters: "ok", "warn" or "no". */
export function showResult(text, kind = "ok") {
  byId("result").className = `dy-result dy-${kind}`;
  announce(byId("result"), text);
}

/** An outbox whose steps say how many seconds ago they were taken: a clock that is wrong does no harm. */
export function openDayOutbox(prefix, address, by) {
  return openOutbox(prefix, (entry) => {
    const ago = Math.max(0, Math.round((Date.now() - entry.taken) / 1000));
    return post(address, { ...(by ? { by } : {}), ...entry.body, ago });
  });
}

/** Keep a step and send it; `what` describes it on the page. */
export const takeStep = (outbox, body, what) =>
  outbox.add({ body: { key: newKey(), ...body }, what, taken: Date.now() });

// The outbox of the review pages: the addresses it posts to, and its own steps for each user.
import * as outboxes from "../outbox.js";
import { readJson } from "../page.js";

export const settings = readJson("triage-settings");

/** Post to one of the addresses in the settings. Resolves to {status, data}, rejects with Unreachable. */
export const post = (name, body) => outboxes.post(settings.urls[name], { by: settings.user, ...body });

export const outbox = outboxes.openOutbox(`triage.${settings.user}.`, (entry) => post(entry.address, entry.body));

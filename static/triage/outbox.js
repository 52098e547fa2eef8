// The review desk's outbox: its doors, and one set of steps for each person.
"use strict";

(() => {
  const { Outbox } = window, Triage = (window.Triage ??= {});
  const settings = (Triage.settings = JSON.parse(document.getElementById("triage-settings").textContent));
  Object.assign(Triage, { Unreachable: Outbox.Unreachable, newKey: Outbox.newKey, get: Outbox.get });
  Triage.post = (door, body) => Outbox.post(settings.urls[door], { by: settings.user, ...body });
  Triage.outbox = Outbox.open(`triage.${settings.user}.`, (entry) => Triage.post(entry.door, entry.body));
})();

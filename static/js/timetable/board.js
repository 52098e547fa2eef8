// The timetable of a round: steps are posted one at a time, and the answer is the board after the step.
import { announce, byId, readJson } from "../page.js";

const LOOK_EVERY = 1500;
const TIMEOUT = 30000; // milliseconds
const settings = readJson("timetable-settings");
let lookTimer = 0;
let isBusy = false;

/** The version on show: {version, revision, draft, solving}, each as text. */
export const state = () => byId("state").dataset;

export const say = (text) => announce(byId("say"), text);

/** Say it above the board; an empty text takes the last one away. */
export function note(text, isBad = false) {
  byId("notes").hidden = !text;
  byId("notes").firstElementChild.textContent = text;
  byId("notes").firstElementChild.className = isBad ? "error" : "success";
  if (text) say(text);
}

/** Fetch JSON from one of the addresses in the settings. Resolves to {ok, data}. */
export async function ask(name, query = {}) {
  const answer = await fetch(`${settings.urls[name]}?${new URLSearchParams(query)}`, {
    signal: AbortSignal.timeout(TIMEOUT),
  });
  return { ok: answer.ok, data: await answer.json() };
}

/** Show the board of an answer. Returns how planning ended if it has ended since the last one, else "". */
function show(data) {
  const before = state();
  const focused = document.activeElement?.closest?.("[data-meeting]")?.dataset.meeting;
  const open = [...document.querySelectorAll("[data-party][open]")].map(({ dataset }) => dataset.party);
  const shown = [...document.querySelectorAll("#board details[id][open]")].map(({ id }) => id);
  const unfolded = [...document.querySelectorAll("[data-unfold]:checked")].map(({ value }) => value);
  byId("board").innerHTML = data.html;
  for (const id of shown) byId(id)?.setAttribute("open", "");
  for (const box of document.querySelectorAll("[data-unfold]")) box.checked = unfolded.includes(box.value);
  for (const list of document.querySelectorAll("[data-party]")) list.open = open.includes(list.dataset.party);
  filter();
  const handles = focused ? [...document.querySelectorAll(`[data-meeting="${focused}"] button`)] : [];
  handles.find(({ offsetParent }) => offsetParent)?.focus({ preventScroll: true });
  if (data.solving) look();
  return before.solving && !data.solving && Number(before.version) === data.version ? data.outcome : "";
}

/** Take a step {kind, …} and show the board after it. Resolves to whether the server did it. */
export async function step(body) {
  if (isBusy) return false;
  isBusy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(settings.urls.do, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
      },
      body: JSON.stringify({ version: Number(state().version), revision: Number(state().revision), ...body }),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("not ours");
    const data = await answer.json();
    const outcome = show(data);
    note(data.message + outcome, !answer.ok || Boolean(outcome && data.impossible));
    return answer.ok;
  } catch {
    note("这一步没有发出去，请检查网络，或重新登录后再试。", true);
    return false;
  } finally {
    isBusy = false;
    document.body.removeAttribute("aria-busy");
  }
}

/** While a version is being planned its board is fetched again and again: better plans appear by themselves. */
function look() {
  clearTimeout(lookTimer);
  lookTimer = setTimeout(async () => {
    if (!state().solving) return undefined;
    if (document.hidden) return look();
    const { version } = state();
    try {
      const { ok, data } = await ask("board", { version });
      if (version !== state().version) return undefined; // meanwhile a step has shown another version
      if (ok) {
        const outcome = show(data);
        if (outcome) note(outcome, data.impossible);
        else say(data.progress);
        return undefined;
      }
    } catch {
      // no network: tried again below
    }
    return look();
  }, LOOK_EVERY);
}

function filter() {
  const party = byId("party").value;
  document.body.classList.toggle("filtered", Boolean(party));
  for (const meeting of document.querySelectorAll("[data-parties]")) {
    meeting.classList.toggle("chosen", meeting.dataset.parties.split(" ").includes(party));
  }
  for (const list of document.querySelectorAll("[data-party]")) {
    list.classList.toggle("chosen", list.dataset.party === party);
    if (party) list.open = list.dataset.party === party;
  }
}

async function openPublish() {
  const { ok, data } = await ask("preview", { version: state().version });
  if (!ok) return note(data.message, true);
  byId("publish-body").innerHTML = data.html;
  byId("publish").showModal();
  return undefined;
}

/** What a step needs besides its meeting and place. */
function inputOf({ dataset }) {
  if (dataset.do === "plan") {
    const released = [...document.querySelectorAll("[data-keep]:not(:checked)")].map(({ value }) => value);
    return { seconds: Number(byId("seconds").value), goal: byId("goal").value, released };
  }
  if (dataset.do === "adopt") return { way: Number(dataset.way) };
  if (dataset.do === "ask") return dataset.pair ? { pairs: [dataset.pair] } : { which: "all" };
  return {};
}

async function press(button) {
  const kind = button.dataset.do;
  const meeting = button.closest("[data-meeting]")?.dataset.meeting ?? "";
  const done = await step({ kind, meeting, place: button.dataset.place ?? "", ...inputOf(button) });
  if (kind === "publish" || kind === "rebase") {
    const again = byId("publish-body").querySelector("[data-do=rebase]");
    if (!done && kind === "publish" && again && byId("notes").textContent.includes("以已发布版为准对比"))
      again.hidden = false;
    else byId("publish").close();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do], [data-publish], [data-close]");
  if (!button) return;
  if (button.hasAttribute("data-publish")) openPublish();
  else if (button.hasAttribute("data-close")) byId("publish").close();
  else press(button);
});

async function closeWhenDone(form, body) {
  if (await step(body)) form.closest("details").open = false;
}

document.addEventListener("submit", (event) => {
  const { target } = event;
  const input = Object.fromEntries(new FormData(target));
  if (target.dataset.drop) step({ kind: "drop", meeting: target.dataset.drop, ...input });
  else if (target.id === "add") closeWhenDone(target, { kind: "add", ...input });
  else return;
  event.preventDefault();
});

byId("party").addEventListener("change", filter);
byId("print").addEventListener("click", () => window.print());
const happen = byId("happen");
if (happen) {
  byId("what").addEventListener("change", () => {
    for (const line of happen.querySelectorAll("[data-for]"))
      line.hidden = !line.dataset.for.split(" ").includes(byId("what").value);
  });
  happen.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = Object.fromEntries(new FormData(happen));
    closeWhenDone(happen, { kind: "happen", ...input, hall: Number(input.hall), table: Number(input.table) });
  });
}
if (state().solving) look();

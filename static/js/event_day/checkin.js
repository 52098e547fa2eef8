// Check-in: guests are found by the code on the badge or by name. Steps are kept while the network is away and sent
// later; what another desk did first is reported.
import { get } from "../outbox.js";
import { byId, clockTime, element, readJson } from "../page.js";
import { addTrouble, watchOutbox } from "../status.js";
import { printBadge } from "./badge.js";
import { openCamera } from "./camera.js";
import { openKeptPage } from "./kept_page.js";
import { poll } from "./refresh.js";
import { openDayOutbox, showResult, takeStep } from "./steps.js";

const EVERY = 15000; // milliseconds
const MOST_ROWS = 40;
const CODE_LENGTH = 10; // of a badge; who is not sent yet has a longer key
const CODE = /([23456789a-hjkmnp-z]{10})\/?$/;
const settings = readJson("day-settings");
const kept = await openKeptPage(settings);
if (kept.refusal) {
  byId("main").replaceChildren(element("p", { className: "wrap note", textContent: kept.refusal }));
  await new Promise(() => {}); // nothing of the kept list is shown
}
let guests = kept.state ?? readJson("guests");
const outbox = openDayOutbox(`day.checkin.${settings.user}.${settings.round}.`, settings.urls.receive, settings.user);
let shown = "due"; // "due", "here" or "all"
const done = new Map(); // {person: the key of the check-in made at this desk}, which it may undo

// --- The list as it is once everything here is sent -----------------------------------------------------------
/** Apply a step to the list; without `by` it is not sent yet. */
function apply(parties, { body, taken }, by = "") {
  const party = parties.find(({ id }) => id === body.party);
  const at = clockTime(new Date(taken));
  const isUnsent = !by;
  const checkIn = (person) => person && !person.at && Object.assign(person, { at, by, isUnsent });
  const findPerson = (id) => parties.flatMap(({ people }) => people).find((person) => person.id === id);
  if (body.kind === "come") checkIn(findPerson(body.id));
  if (body.kind === "undo") Object.assign(findPerson(body.id) ?? {}, { at: "", by: "" });
  if (body.kind === "party") for (const person of party?.people ?? []) checkIn(person);
  if (body.kind === "absent" && party) party.absent = true;
  if (body.kind === "back" && party) party.absent = false;
  if (body.kind === "walk_in") {
    const person = { id: body.key, name: body.name, position: body.position, at, by, isUnsent };
    const full = body.organisation;
    if (party) party.people.push(person);
    else parties.unshift({ id: body.key, name: full, full, region: "", coming: true, absent: false, people: [person] });
  }
  return parties;
}

/** The list with all steps of this desk, sent or not. */
const currentParties = () =>
  outbox.waiting.reduce((parties, entry) => apply(parties, entry), structuredClone(guests.parties));

const button = (text, who, act, className = "btn btn-s") => {
  const hidden = element("span", { className: "sr", textContent: ` ${who}` });
  const made = element("button", { type: "button", className }, text, hidden);
  made.addEventListener("click", act);
  return made;
};

function draw() {
  const q = byId("q").value.trim().toLowerCase();
  const parties = currentParties();
  const hit = (text) => text.toLowerCase().includes(q);
  const rows = [];
  for (const party of parties) {
    const byParty = hit(party.name) || hit(party.full);
    const isWanted = ({ at }) => q || shown === "all" || (shown === "here") === Boolean(at);
    const people = party.people.filter((person) => (byParty || hit(person.name)) && isWanted(person));
    const isEmpty = !party.people.length && byParty && (q || shown !== "here");
    if (people.length || isEmpty) rows.push(row(party, people));
  }
  byId("list").replaceChildren(...rows.slice(0, MOST_ROWS));
  byId("more").textContent = listNote(rows.length, q);
  count(parties);
}

function listNote(number, q) {
  if (number > MOST_ROWS) return `还有 ${number - MOST_ROWS} 个单位，请输入姓名或单位缩小范围。`;
  if (number) return "";
  if (q) return "名单上没有。核对后可以现场报到。";
  return shown === "due" ? "名单上的人都到了。" : "还没有人。";
}

function row(party, people) {
  const due = party.people.filter(({ at }) => !at).length;
  const none = due === party.people.length;
  const acts = element("div", { className: "acts" });
  if (settings.mayAct) {
    if (due > 1) acts.append(button(`全部签到（${due} 人）`, party.name, () => comeAll(party)));
    if (!party.people.length) acts.append(button("登记到场人员", party.name, () => openWalkIn(party)));
    if (party.absent)
      acts.append(
        button("恢复到场", party.name, () => take({ kind: "back", party: party.id }, `恢复到场：${party.name}`)),
      );
    else if (none && party.coming)
      acts.append(
        button(
          "记为未到",
          party.name,
          () => take({ kind: "absent", party: party.id }, `记为未到：${party.name}`),
          "btn btn-s btn-t",
        ),
      );
  }
  return element(
    "li",
    {},
    element(
      "div",
      { className: "dy-party" },
      element("h3", { textContent: party.name, title: party.full }),
      element("span", { className: "muted small", textContent: party.region }),
      party.absent && element("span", { className: "badge b-no", textContent: "记为未到" }),
      !party.coming && element("span", { className: "badge b-wait", textContent: "没有答复参加" }),
      acts,
    ),
    element("ul", { className: "dy-people" }, ...people.map((person) => personRow(person, party))),
  );
}

function personRow(person, party) {
  const words =
    person.at &&
    element("span", {
      className: "dy-came",
      textContent: `${person.at} 已到${person.by ? `（${person.by}）` : ""}${person.isUnsent ? "，待发送" : ""}`,
    });
  const mine = person.at && done.has(person.id) && settings.mayAct;
  const badge = person.at && badgeLink(person, party);
  return element(
    "li",
    {},
    element("b", { textContent: person.name }),
    element("span", { className: "muted small", textContent: [person.position, person.as].filter(Boolean).join("，") }),
    words,
    badge,
    !person.at && settings.mayAct && button("签到", person.name, () => come(person, party), "btn btn-p"),
    mine && button("撤销", person.name, () => undo(person), "btn btn-s btn-t"),
  );
}

/** The server's PDF; without a network, or before the server knows the person, the browser prints the badge itself. */
function badgeLink(person, party) {
  const code = person.id.length === CODE_LENGTH ? person.id : "";
  const link = element(
    "a",
    { className: "btn btn-s btn-t", href: settings.urls.badge.replace("person", code || "unsent"), target: "_blank" },
    "打印参会证",
    element("span", { className: "sr", textContent: ` ${person.name}` }),
  );
  link.addEventListener("click", (event) => {
    if (code && navigator.onLine && byId("offline").hidden) return;
    event.preventDefault();
    const { name, position } = person;
    printBadge({ round: settings.roundName, side: party.side ?? "firm", name, position, party: party.full, code });
    if (!code) showResult("已打印，没有二维码：网络恢复、报到发送以后可以重新打印。", "warn");
  });
  return link;
}

function count(parties) {
  const units = new Map();
  const all = { name: "合计", here: 0, due: 0, came: 0, people: 0 };
  for (const party of parties) {
    const unit = units.get(party.region) ?? { name: party.region || "现场", here: 0, due: 0, came: 0, people: 0 };
    units.set(party.region, unit);
    const came = party.people.filter(({ at }) => at).length;
    const isHere = came > 0 || Boolean(party.here);
    for (const sum of [unit, all]) {
      sum.here += isHere;
      sum.due += party.coming || isHere;
      sum.came += came;
      sum.people += party.coming || isHere ? party.people.length : 0;
    }
  }
  const cell = (text) => element("td", { className: "num", textContent: text });
  byId("counts").replaceChildren(
    ...[...units.values(), all]
      .filter(({ due }) => due)
      .map(({ name, here, due, came, people }) =>
        element(
          "tr",
          {},
          element("th", { textContent: name, scope: "row" }),
          cell(`${here} / ${due}`),
          cell(`${came} / ${people}`),
        ),
      ),
  );
}

// --- Steps ----------------------------------------------------------------------------------------------------
function take(body, what) {
  showResult(`${what}${navigator.onLine ? "" : "（网络断开，已存在本机）"}`);
  const entry = takeStep(outbox, body, what);
  draw();
  byId("q").value = "";
  return entry;
}

function come(person, party) {
  const entry = take({ kind: "come", id: person.id }, `已签到：${person.name} · ${party.name}`);
  done.set(person.id, entry.body.key);
  byId("q").focus();
  draw();
}

const comeAll = (party) => take({ kind: "party", party: party.id }, `全部签到：${party.name}`);

function undo(person) {
  const key = done.get(person.id);
  done.delete(person.id);
  if (outbox.cancel(key)) showResult(`已撤销：${person.name}`);
  else take({ kind: "undo", id: person.id, key }, `已撤销：${person.name}`);
  draw();
}

outbox.onanswer = (entry, { status, data }) => {
  if (status !== 200) {
    const reason = data.message ?? "服务器没有接受，请刷新后再试。";
    done.delete(entry.body.id);
    addTrouble(status === 409 ? reason : `${entry.what}没有生效：${reason}`);
    showResult(reason, status === 409 ? "warn" : "no");
  } else {
    if (data.person) entry.body.key = data.person; // a walk-in: the code of the badge
    apply(guests.parties, entry, settings.name);
    kept.keep(guests);
    if (data.person) showResult(`${data.message}，可以打印参会证。`);
    if (entry.body.kind === "absent") offer(data);
    if (entry.body.kind === "back" && byId("free-slots").dataset.party === entry.body.party)
      byId("free-slots").hidden = true;
  }
  if (outbox.waiting.length) polling.later();
  else polling.now();
};

// --- What an absence frees ------------------------------------------------------------------------------------
/** The places that an absent party leaves free, each with the pair that could have it: one press prepares the change. */
function offer({ message: heading, party, free_slots: slots = [] }) {
  const box = byId("free-slots");
  if (!slots.length) return;
  box.dataset.party = party;
  byId("free-slots-h").textContent = heading;
  box.querySelector("form input[name=party]").value = party;
  box.querySelector("ul").replaceChildren(
    ...slots.map((place) => {
      const line = element(
        "li",
        {},
        element("span", {
          textContent: `${place.words}。${place.offer ? `可以换上 ${place.offer}。` : "没有双方都在场、都有空的洽谈。"}`,
        }),
      );
      if (place.meeting) {
        const form = byId("fill").content.firstElementChild.cloneNode(true);
        form.elements.place.value = place.place;
        form.elements.meeting.value = place.meeting;
        form.querySelector("button").textContent = `换上 ${place.offer}，看变化`;
        line.append(form);
      }
      return line;
    }),
  );
  box.hidden = false;
}
byId("free-slots-ok").addEventListener("click", () => {
  byId("free-slots").hidden = true;
});

// --- Finding --------------------------------------------------------------------------------------------------
/** Check in by a badge: `text` is its code, or an address that ends with it. False when nobody has it. */
function checkInByCode(text) {
  const code = text.trim().toLowerCase().match(CODE)?.[1];
  if (!code) return false;
  for (const party of currentParties()) {
    const person = party.people.find(({ id }) => id === code);
    if (!person) continue;
    if (person.at)
      showResult(`${person.name} · ${party.name} 已于 ${person.at} 签到${person.by ? `（${person.by}）` : ""}`, "warn");
    else if (settings.mayAct) come(person, party);
    byId("q").value = "";
    draw();
    return true;
  }
  return false;
}

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("q").value.trim();
  if (!text) return;
  if (checkInByCode(text)) return byId("q").focus();
  draw();
  const number = byId("list").querySelectorAll(".dy-people li").length;
  if (!byId("list").children.length) {
    showResult(
      CODE.test(text.toLowerCase()) ? "这张证不在这次活动的名单上，请按姓名查找。" : `名单上没有“${text}”。`,
      "no",
    );
    byId("q").select();
  } else if (number === 1) byId("list").querySelector(".dy-people .btn")?.focus(); // Enter again checks in
});
byId("q").addEventListener("input", (event) => !event.isComposing && draw());
byId("q").addEventListener("compositionend", draw);
const tabs = [...document.querySelectorAll("[data-show]")];
for (const tab of tabs) {
  tab.addEventListener("click", () => {
    shown = tab.dataset.show;
    for (const other of tabs) other.setAttribute("aria-pressed", other === tab);
    draw();
  });
}

// --- Walk-ins: people who are not on the list ---------------------------------------------------------------------------------
const walkIn = byId("d-walk-in");
function openWalkIn(party) {
  walkIn.querySelector("form").reset();
  byId("w-parties").replaceChildren(...guests.parties.map(({ full }) => element("option", { value: full })));
  if (party) byId("w-organisation").value = party.full;
  walkIn.showModal();
  byId("w-name").focus();
}
byId("walk-in")?.addEventListener("click", () => openWalkIn());
walkIn?.querySelector("form").addEventListener("submit", () => {
  const input = Object.fromEntries(new FormData(walkIn.querySelector("form")));
  const [name, position, organisation] = [input.name, input.position, input.organisation].map((value) => value.trim());
  const party = guests.parties.find((known) => [known.full, known.name].includes(organisation));
  const whose = party ? { party: party.id } : { organisation, region: input.region };
  take({ kind: "walk_in", name, position, ...whose }, `现场报到：${name} · ${organisation}`);
});
for (const close of document.querySelectorAll("[data-close]")) {
  close.addEventListener("click", () => close.closest("dialog").close());
}

// --- Camera and scanner ---------------------------------------------------------------------------------------
/** What a camera, a photograph or a scanner read. */
function readCode(text) {
  if (!checkInByCode(text)) showResult("这张证不在这次活动的名单上，请按姓名查找。", "no");
}
if (byId("camera")) {
  openCamera({ decoder: settings.urls.decoder, oncode: readCode, onfail: (words) => showResult(words, "no") });
}
// A hand scanner types: what it types belongs in the field, wherever the last click was.
document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
  const isFree = document.activeElement === document.body || document.activeElement?.matches(".btn");
  if (isFree && /^[0-9A-Za-z]$/.test(key) && !(ctrlKey || metaKey || altKey)) byId("q").focus();
});

// --- Polling -----------------------------------------------------------------------------------------------------
function showOffline(isOffline) {
  byId("offline").hidden = !isOffline;
  if (!isOffline) return;
  const text = `没有网络：${clockTime(new Date(kept.at))} 起没有连上服务器。名单是那时的；签到照常，存在本机，恢复后自动发送。`;
  if (byId("offline").textContent !== text) byId("offline").textContent = text;
}

const polling = poll({
  every: EVERY,
  async fetchNews() {
    const answer = await get(`${settings.urls.guests}?have=${guests.version}`);
    return answer.status === 200 ? answer.json() : guests;
  },
  show(list) {
    guests = list;
    kept.keep(guests);
    showOffline(false);
    draw();
  },
  onstale: () => showOffline(true),
  fresh: "更新",
  stale: "签到照常，恢复后发送",
});
byId("fresh").textContent = `${clockTime(new Date(kept.at))} 更新`;
watchOutbox(outbox, { onchange: draw });
draw();
if (kept.isOffline) {
  showOffline(true);
  polling.now();
}
addEventListener("offline", () => showOffline(true));
outbox.flush();

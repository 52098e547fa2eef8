// The door: who comes is found by the code on the badge or by name, and checked in here and now. What the network does
// not take is kept and sent later; what another desk did first is told.
"use strict";

(() => {
  const { Day, Outbox } = window, { at } = Day;
  const settings = JSON.parse(at("day-settings").textContent);
  let guests = JSON.parse(at("guests").textContent);
  const EVERY = 15000, MOST_ROWS = 40, CODE = /([23456789a-hjkmnp-z]{10})\/?$/;
  const outbox = Day.open(`day.door.${settings.user}.${settings.round}.`, settings.urls.receive, settings.user);
  let shown = "due";
  const done = new Map(); // {person: the key of the check-in that this desk made}, what it may take back

  // --- The list as it is once everything here is sent -----------------------------------------------------------
  /** What a step makes of the list. */
  function apply(parties, { body, taken }, by = "") {
    const party = parties.find((one) => one.id === body.party), at = Day.clock(new Date(taken)), isUnsent = !by;
    const came = (person) => person && !person.at && Object.assign(person, { at, by, isUnsent });
    const find = (id) => parties.flatMap((one) => one.people).find((one) => one.id === id);
    if (body.kind === "come") came(find(body.id));
    if (body.kind === "undo") Object.assign(find(body.id) ?? {}, { at: "", by: "" });
    if (body.kind === "party") party?.people.forEach(came);
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

  const now = () => outbox.waiting.reduce((parties, entry) => apply(parties, entry), structuredClone(guests.parties));

  const node = (tag, props = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...inside.filter(Boolean));
    return made;
  };
  const button = (text, who, act, style = "btn btn-s") => {
    const made = node("button", { type: "button", className: style }, text, node("span", { className: "sr", textContent: ` ${who}` }));
    made.addEventListener("click", act);
    return made;
  };

  function draw() {
    const q = at("q").value.trim().toLowerCase(), parties = now();
    const hit = (text) => text.toLowerCase().includes(q);
    const rows = [];
    for (const party of parties) {
      const byParty = hit(party.name) || hit(party.full);
      const people = party.people.filter((one) => (byParty || hit(one.name)) && (q || shown === "all" || (shown === "here") === Boolean(one.at)));
      const isEmpty = !party.people.length && byParty && (q || shown !== "here");
      if (people.length || isEmpty) rows.push(row(party, people));
    }
    at("list").replaceChildren(...rows.slice(0, MOST_ROWS));
    at("more").textContent = rows.length > MOST_ROWS ? `还有 ${rows.length - MOST_ROWS} 个单位，请输入姓名或单位缩小范围。` : rows.length ? "" : q ? "名单上没有。核对后可以现场报到。" : shown === "due" ? "名单上的人都到了。" : "还没有人。";
    count(parties);
  }

  function row(party, people) {
    const due = party.people.filter((one) => !one.at).length, none = party.people.every((one) => !one.at);
    const acts = node("div", { className: "acts" });
    if (settings.mayAct) {
      if (due > 1) acts.append(button(`全部签到（${due} 人）`, party.name, () => comeAll(party)));
      if (!party.people.length) acts.append(button("登记到场人员", party.name, () => openWalkIn(party)));
      if (party.absent) acts.append(button("恢复到场", party.name, () => take({ kind: "back", party: party.id }, `恢复到场：${party.name}`)));
      else if (none && party.coming) acts.append(button("记为未到", party.name, () => take({ kind: "absent", party: party.id }, `记为未到：${party.name}`), "btn btn-s btn-t"));
    }
    return node("li", {},
      node("div", { className: "dy-party" }, node("h3", { textContent: party.name, title: party.full }), node("span", { className: "muted small", textContent: party.region }),
        party.absent && node("span", { className: "badge b-no", textContent: "记为未到" }), !party.coming && node("span", { className: "badge b-wait", textContent: "没有答复参加" }), acts),
      node("ul", { className: "dy-people" }, ...people.map((person) => personRow(person, party))));
  }

  function personRow(person, party) {
    const words = person.at && node("span", { className: "dy-came", textContent: `${person.at} 已到${person.by ? `（${person.by}）` : ""}${person.isUnsent ? "，待发送" : ""}` });
    const mine = person.at && done.has(person.id) && settings.mayAct;
    return node("li", {}, node("b", { textContent: person.name }), node("span", { className: "muted small", textContent: person.position }), words,
      !person.at && settings.mayAct && button("签到", person.name, () => come(person, party), "btn btn-p"),
      mine && button("撤销", person.name, () => undo(person), "btn btn-s btn-t"));
  }

  function count(parties) {
    const units = new Map(), all = { name: "合计", here: 0, due: 0, came: 0, people: 0 };
    for (const party of parties) {
      const unit = units.get(party.region) ?? { name: party.region || "现场", here: 0, due: 0, came: 0, people: 0 };
      units.set(party.region, unit);
      const came = party.people.filter((one) => one.at).length;
      for (const sum of [unit, all]) {
        sum.here += came > 0;
        sum.due += party.coming || came > 0;
        sum.came += came;
        sum.people += party.coming || came > 0 ? party.people.length : 0;
      }
    }
    const cell = (text) => node("td", { className: "num", textContent: text });
    at("counts").replaceChildren(...[...units.values(), all].filter((one) => one.due).map((one) =>
      node("tr", {}, Object.assign(node("th", { textContent: one.name }), { scope: "row" }), cell(`${one.here} / ${one.due}`), cell(`${one.came} / ${one.people}`))));
  }

  // --- Steps ----------------------------------------------------------------------------------------------------
  function take(body, what, more = {}) {
    Day.say(`${what}${navigator.onLine ? "" : "（网络断开，已存在本机）"}`);
    const entry = outbox.add({ body: { key: Outbox.newKey(), ...body }, what, taken: Date.now(), ...more });
    draw();
    at("q").value = "";
    return entry;
  }

  function come(person, party) {
    const entry = take({ kind: "come", id: person.id }, `已签到：${person.name} · ${party.name}`);
    done.set(person.id, entry.body.key);
    at("q").focus();
    draw();
  }

  const comeAll = (party) => take({ kind: "party", party: party.id }, `全部签到：${party.name}`);

  function undo(person) {
    const key = done.get(person.id);
    done.delete(person.id);
    if (outbox.cancel(key)) Day.say(`已撤销：${person.name}`);
    else take({ kind: "undo", id: person.id, key }, `已撤销：${person.name}`);
    draw();
  }

  outbox.onanswer = (entry, { status, data }) => {
    if (status !== 200) {
      const told = data.told ?? "服务器没有接受，请刷新后再试。";
      done.delete(entry.body.id);
      Day.trouble(status === 409 ? told : `${entry.what}没有生效：${told}`);
      Day.say(told, status === 409 ? "warn" : "no");
    }
    else {
      apply(guests.parties, entry, settings.name);
      if (entry.body.kind === "absent") offer(data);
      if (entry.body.kind === "back" && at("freed").dataset.party === entry.body.party) at("freed").hidden = true;
    }
    if (outbox.waiting.length) news.later();
    else news.now();
  };
  // --- What an absence frees ------------------------------------------------------------------------------------
  /** The places that a party gives up, each with the pair that could have it: one press prepares the change. */
  function offer({ told, party, freed = [] }) {
    const box = at("freed");
    if (!freed.length) return;
    box.dataset.party = party;
    at("freed-h").textContent = told;
    box.querySelector("form input[name=party]").value = party;
    box.querySelector("ul").replaceChildren(...freed.map((one) => {
      const line = node("li", {}, node("span", { textContent: `${one.words}。${one.offer ? `可以换上 ${one.offer}。` : "没有双方都在场、都有空的洽谈。"}` }));
      if (one.meeting) {
        const form = at("fill").content.firstElementChild.cloneNode(true);
        form.elements.place.value = one.place;
        form.elements.meeting.value = one.meeting;
        form.querySelector("button").textContent = `换上 ${one.offer}，看变化`;
        line.append(form);
      }
      return line;
    }));
    box.hidden = false;
  }
  at("freed-ok").addEventListener("click", () => (at("freed").hidden = true));

  Day.onoutbox = () => outbox && draw();

  // --- Finding --------------------------------------------------------------------------------------------------
  /** A badge was read: its code, or an address that ends with it. */
  function scanned(text) {
    const code = text.trim().toLowerCase().match(CODE)?.[1];
    if (!code) return false;
    for (const party of now()) {
      const person = party.people.find((one) => one.id === code);
      if (!person) continue;
      if (person.at) Day.say(`${person.name} · ${party.name} 已于 ${person.at} 签到${person.by ? `（${person.by}）` : ""}`, "warn");
      else if (settings.mayAct) come(person, party);
      at("q").value = "";
      draw();
      return true;
    }
    return false;
  }

  at("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at("q").value.trim();
    if (!text) return;
    if (scanned(text)) return at("q").focus();
    draw();
    const found = at("list").querySelectorAll(".dy-people li").length;
    if (!at("list").children.length) {
      Day.say(CODE.test(text.toLowerCase()) ? "这张证不在这次活动的名单上，请按姓名查找。" : `名单上没有“${text}”。`, "no");
      at("q").select();
    } else if (found === 1) at("list").querySelector(".dy-people .btn")?.focus(); // Enter again checks in
  });
  at("q").addEventListener("input", (event) => !event.isComposing && draw());
  at("q").addEventListener("compositionend", draw);
  for (const one of document.querySelectorAll("[data-show]")) {
    one.addEventListener("click", () => {
      shown = one.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === one);
      draw();
    });
  }

  // --- Somebody nobody expected ---------------------------------------------------------------------------------
  const walkIn = at("d-walk-in");
  function openWalkIn(party) {
    walkIn.querySelector("form").reset();
    at("w-parties").replaceChildren(...guests.parties.map((one) => node("option", { value: one.full })));
    if (party) at("w-organisation").value = party.full;
    walkIn.showModal();
    at("w-name").focus();
  }
  at("walk-in")?.addEventListener("click", () => openWalkIn());
  walkIn?.querySelector("form").addEventListener("submit", () => {
    const said = Object.fromEntries(new FormData(walkIn.querySelector("form")));
    const party = guests.parties.find((one) => [one.full, one.name].includes(said.organisation.trim()));
    const where = party ? { party: party.id } : { organisation: said.organisation.trim(), region: said.region };
    take({ kind: "walk_in", name: said.name.trim(), position: said.position.trim(), ...where }, `现场报到：${said.name.trim()} · ${said.organisation.trim()}`);
  });
  for (const one of document.querySelectorAll("[data-close]")) one.addEventListener("click", () => one.closest("dialog").close());

  // --- The camera -----------------------------------------------------------------------------------------------
  const camera = at("d-camera");
  if (camera && "BarcodeDetector" in window && navigator.mediaDevices) {
    at("camera").hidden = false;
    at("camera").addEventListener("click", async () => {
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      } catch {
        return Day.say("没有拿到摄像头，请允许使用，或输入证件上的编号。", "no");
      }
      const video = at("video"), detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      const stop = () => stream.getTracks().forEach((track) => track.stop());
      video.srcObject = stream;
      await video.play();
      camera.showModal();
      camera.addEventListener("close", stop, { once: true });
      while (camera.open) {
        const [code] = await detector.detect(video).catch(() => []);
        if (code) {
          if (!scanned(code.rawValue)) Day.say("这张证不在这次活动的名单上，请按姓名查找。", "no");
          camera.close();
        }
        await new Promise((wait) => setTimeout(wait, 150));
      }
    });
  }

  // --- News -----------------------------------------------------------------------------------------------------
  const news = Day.news({
    every: EVERY,
    ask: async () => {
      const answer = await Outbox.get(`${settings.urls.guests}?have=${guests.version}`);
      return answer.status === 200 ? answer.json() : guests;
    },
    show: (list) => {
      guests = list;
      draw();
    },
    said: "更新",
    away: "签到照常，恢复后发送",
  });
  at("fresh").textContent = `${Day.clock()} 更新`;
  draw();
  outbox.flush();
})();

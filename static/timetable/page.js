// A round's timetable: steps are posted one at a time, the answer is the board as it is then.
"use strict";

(() => {
  const at = (id) => document.getElementById(id);
  const Timetable = (window.Timetable = { settings: JSON.parse(at("timetable-settings").textContent) });
  const { settings } = Timetable;
  const LOOK_EVERY = 1500, PATIENCE = 30000; // milliseconds
  let saying = 0, looking = 0, isBusy = false;

  const state = () => at("state").dataset;
  Timetable.state = state;

  Timetable.say = (text) => {
    at("say").textContent = "";
    clearTimeout(saying);
    saying = setTimeout(() => (at("say").textContent = text), 30);
  };

  Timetable.note = (text, isBad = false) => {
    at("notes").hidden = !text;
    at("notes").firstElementChild.textContent = text;
    at("notes").firstElementChild.className = isBad ? "error" : "success";
    if (text) Timetable.say(text);
  };

  Timetable.ask = async (door, query = {}) => {
    const answer = await fetch(`${settings.urls[door]}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(PATIENCE) });
    return { ok: answer.ok, data: await answer.json() };
  };

  /** Put the board up as the answer has it. Returns how the planning ended if it did since the last one, else "". */
  function show(data) {
    const before = state(), focused = document.activeElement?.closest?.("[data-meeting]")?.dataset.meeting;
    const open = [...document.querySelectorAll("[data-party][open]")].map((one) => one.dataset.party);
    at("board").innerHTML = data.html;
    for (const one of document.querySelectorAll("[data-party]")) one.open = open.includes(one.dataset.party);
    filter();
    const handles = focused ? [...document.querySelectorAll(`[data-meeting="${focused}"] button`)] : [];
    handles.find((one) => one.offsetParent)?.focus({ preventScroll: true });
    if (data.solving) look();
    return before.solving && !data.solving && Number(before.version) === data.version ? data.outcome : "";
  }

  /** Take a step: {kind, …}. Resolves to whether it was done; says what came of it either way. */
  Timetable.step = async (body) => {
    if (isBusy) return false;
    isBusy = true;
    document.body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(settings.urls.do, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
        body: JSON.stringify({ version: Number(state().version), revision: Number(state().revision), ...body }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("not ours");
      const data = await answer.json();
      const outcome = show(data);
      Timetable.note(data.message + outcome, !answer.ok || Boolean(outcome && data.impossible));
      return answer.ok;
    } catch {
      Timetable.note("这一步没有发出去，请检查网络，或重新登录后再试。", true);
      return false;
    } finally {
      isBusy = false;
      document.body.removeAttribute("aria-busy");
    }
  };

  /** While a version is being planned its board is looked at again and again; better plans come by themselves. */
  function look() {
    clearTimeout(looking);
    looking = setTimeout(async () => {
      if (!state().solving) return undefined;
      if (document.hidden) return look();
      const { version } = state();
      try {
        const { ok, data } = await Timetable.ask("board", { version });
        if (version !== state().version) return undefined; // meanwhile a step showed another
        if (ok) {
          const outcome = show(data);
          if (outcome) Timetable.note(outcome, data.impossible);
          else Timetable.say(data.progress);
          return undefined;
        }
      } catch {
        // the network is away; looked at again below
      }
      return look();
    }, LOOK_EVERY);
  }

  function filter() {
    const party = at("party").value;
    document.body.classList.toggle("filtered", Boolean(party));
    for (const one of document.querySelectorAll("[data-parties]")) one.classList.toggle("chosen", one.dataset.parties.split(" ").includes(party));
    for (const one of document.querySelectorAll("[data-party]")) {
      one.classList.toggle("chosen", one.dataset.party === party);
      if (party) one.open = one.dataset.party === party;
    }
  }

  async function openPublish() {
    const { ok, data } = await Timetable.ask("preview", { version: state().version });
    if (!ok) return Timetable.note(data.message, true);
    at("publish-body").innerHTML = data.html;
    at("publish").showModal();
    return undefined;
  }

  async function press(button) {
    const kind = button.dataset.do, meeting = button.closest("[data-meeting]")?.dataset.meeting ?? "";
    const more = kind === "plan" ? { seconds: Number(at("seconds").value) } : {};
    const done = await Timetable.step({ kind, meeting, place: button.dataset.place ?? "", ...more });
    if (kind === "publish" || kind === "rebase") {
      const again = at("publish-body").querySelector("[data-do=rebase]");
      if (!done && kind === "publish" && again && at("notes").textContent.includes("以已发布版为准对比")) again.hidden = false;
      else at("publish").close();
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do], [data-publish], [data-close]");
    if (!button) return;
    if (button.hasAttribute("data-publish")) openPublish();
    else if (button.hasAttribute("data-close")) at("publish").close();
    else press(button);
  });

  document.addEventListener("submit", (event) => {
    const { target } = event, sent = Object.fromEntries(new FormData(target));
    if (target.dataset.drop) Timetable.step({ kind: "drop", meeting: target.dataset.drop, ...sent });
    else if (target.id === "add") Timetable.step({ kind: "add", ...sent }).then((done) => done && (target.closest("details").open = false));
    else return;
    event.preventDefault();
  });

  at("party").addEventListener("change", filter);
  at("print").addEventListener("click", () => window.print());
  const happen = at("happen");
  if (happen) {
    at("what").addEventListener("change", () => {
      for (const line of happen.querySelectorAll("[data-for]")) line.hidden = !line.dataset.for.split(" ").includes(at("what").value);
    });
    happen.addEventListener("submit", async (event) => {
      event.preventDefault();
      const sent = Object.fromEntries(new FormData(happen));
      const done = await Timetable.step({ kind: "happen", ...sent, hall: Number(sent.hall), table: Number(sent.table) });
      if (done) happen.closest("details").open = false;
    });
  }
  if (state().solving) look();
})();

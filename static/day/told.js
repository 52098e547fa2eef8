// What the pages of the day say of themselves: what waits to be sent, what did not take effect, how the last step went.
"use strict";

(() => {
  const at = (id) => document.getElementById(id);
  const Day = (window.Day = {
    at,
    /** The last step in large words: "ok", "warn" or "no". */
    say(text, kind = "ok") {
      const line = at("result");
      line.textContent = "";
      line.className = `dy-result dy-${kind}`;
      setTimeout(() => (line.textContent = text), 30); // the same words twice are said twice
    },

    /** What did not take effect stays until it is read. */
    trouble(text) {
      const line = document.createElement("li");
      line.textContent = text;
      at("troubles").querySelector("ul").append(line);
      at("troubles").hidden = false;
    },

    clock: (time = new Date()) => time.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }),

    /**
     * Asks for news every so often, and when the network is back; one clock, however many ask. An answer is let go if
     * something newer is known since it was asked for. `ask` resolves to what `show` takes; the page says of when it
     * is (`said`), or what a lost network means for it (`away`).
     */
    news({ every, ask, show, said, away, after = () => {} }) {
      const fresh = at("fresh");
      let timer = 0, asked = 0;
      const later = () => {
        asked++;
        clearTimeout(timer);
        timer = setTimeout(now, every);
      };
      async function now() {
        clearTimeout(timer);
        const turn = ++asked;
        try {
          const news = await ask();
          if (turn !== asked) return;
          fresh.textContent = `${Day.clock()} ${said}`;
          fresh.classList.remove("dy-old");
          show(news);
        } catch (error) {
          if (!(error instanceof window.Outbox.Unreachable)) throw error;
          if (turn !== asked) return;
          fresh.classList.add("dy-old");
          if (!fresh.textContent.includes("网络")) fresh.textContent += `，网络断开，${away}`;
        }
        after();
        later();
      }
      addEventListener("online", now);
      later();
      return { now, later };
    },

    /** An outbox whose steps say how long ago they were taken: a clock that is wrong does no harm. */
    open(prefix, address, by) {
      const outbox = window.Outbox.open(prefix, (entry) => {
        const ago = Math.max(0, Math.round((Date.now() - entry.taken) / 1000));
        return window.Outbox.post(address, { ...(by ? { by } : {}), ...entry.body, ago });
      });
      outbox.onchange = () => show(outbox);
      at("resend").addEventListener("click", outbox.retry);
      show(outbox);
      return outbox;
    },

    take: (outbox, body, what) => outbox.add({ body: { key: window.Outbox.newKey(), ...body }, what, taken: Date.now() }),
  });

  function show(outbox) {
    const entries = outbox.waiting, isStuck = Boolean(outbox.trouble) || !outbox.isKept;
    document.body.dataset.unsent = entries.length;
    at("outbox").hidden = !(entries.length && isStuck);
    Day.onoutbox?.();
    if (!entries.length || !isStuck) return;
    const why = outbox.trouble === "signed-out" ? "登录已过期，请重新登录" : outbox.trouble ? "网络断开，恢复后自动发送" : "正在发送";
    const where = outbox.isKept ? "已存在本机" : "浏览器不让本页保存，请不要关闭本页";
    const said = `${entries.length} 项待发送：${where}；${why}。`, line = at("outbox").querySelector("p");
    if (line.textContent !== said) line.textContent = said;
    at("outbox").querySelector("ul").replaceChildren(
      ...entries.slice(-5).map((entry) => Object.assign(document.createElement("li"), { textContent: entry.what }))
    );
    if (at("sign-in")) at("sign-in").hidden = outbox.trouble !== "signed-out";
  }

  at("troubles-ok").addEventListener("click", () => {
    at("troubles").hidden = true;
    at("troubles").querySelector("ul").replaceChildren();
  });
})();

// What the scripts of all pages use: elements, settings, announcements, the local time.

export const byId = (id) => document.getElementById(id);

/** The value of a `json_script` element. */
export const readJson = (id) => JSON.parse(byId(id).textContent);

/** A new element with properties and children; children that are falsy are left out. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter(Boolean));
  return made;
}

export const clockTime = (time = new Date()) =>
  time.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

const timers = new WeakMap();

/** Put text into a live region. It is emptied first: the same text is announced a second time. */
export function announce(region, text) {
  region.textContent = "";
  clearTimeout(timers.get(region));
  timers.set(
    region,
    setTimeout(() => {
      region.textContent = text;
    }, 30),
  );
}

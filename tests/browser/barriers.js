// What axe finds in the page. ([selector | null, tags]) => the keys of its elements; after that
// findBarriers([keys of what is examined]) => [[rule, help, elements]].
//
// The two rules that take most of the time ask only about the looks of an element. They leave out what is examined:
// elements with the same markup below the same ancestors in a page with the same style sheets, width and preferences,
// where nothing was wrong, and rows of a list after two that are alike. Texts count by their first three characters.
// So a frame is examined once, and a list of twenty cards by its different cards.
([selector, tags]) => {
  const LOOKS = ["color-contrast", "target-size"];
  const CONTENT = new Set(
    "id for href src srcset value name title alt placeholder datetime action content d points viewbox".split(" "),
  );
  const TARGETS =
    "a, button, input, select, summary, textarea, [role=button], [role=checkbox], [role=link], [role=menuitem], " +
    "[role=option], [role=radio], [role=switch], [role=tab]";
  const STATES = [":checked", ":disabled", ":focus", ":invalid", ":popover-open", ":modal"];
  const MEDIA = [
    "(forced-colors: active)",
    "(prefers-reduced-motion: reduce)",
    "(prefers-contrast: more)",
    "(prefers-color-scheme: dark)",
    "print",
  ];
  const sizeOf = (text) => Math.min(text.trim().length, 3);
  const textsOf = (element) =>
    [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? sizeOf(node.data) : "")).join("");
  const attribute = ({ name, value }) => {
    const isContent = CONTENT.has(name) || name.startsWith("hx-") || (name.startsWith("data-") && /\d/.test(value));
    return isContent ? `${name} ${sizeOf(value)}` : `${name}=${value}`;
  };
  const itself = new Map();
  const whole = new Map();
  const describe = (element) => {
    const states = STATES.filter((state) => element.matches(state));
    const parts = [element.tagName, ...[...element.attributes].map(attribute).sort(), ...states, textsOf(element)];
    itself.set(element, parts.join(" "));
    whole.set(element, `<${itself.get(element)}>${[...element.children].map(describe).join("")}</>`);
    return whole.get(element);
  };
  const digest = (text) => {
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
    }
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };

  const root = selector ? document.querySelector(selector) : document.body;
  if (!root) throw new Error(`nothing is ${selector}`);
  describe(document.documentElement);
  const keys = new Map();
  const assign = (element, above) => {
    keys.set(element, digest(`${above}${whole.get(element)}`));
    const below = digest(`${above}${itself.get(element)}`);
    for (const child of element.children) assign(child, below);
  };
  const sheets = [...document.styleSheets].map(({ href, ownerNode }) => href ?? ownerNode?.textContent);
  const size = getComputedStyle(document.documentElement).fontSize;
  const surroundings = [innerWidth, size, ...MEDIA.filter((query) => matchMedia(query).matches), ...sheets];
  for (let at = root.parentElement; at; at = at.parentElement) surroundings.push(itself.get(at));
  assign(root, digest(surroundings.join("\n")));

  globalThis.findBarriers = async (examined) => {
    const before = new Set(examined);
    const here = new Map();
    const include = [];
    /** Adds the parts that are new to `include`. Returns whether all of the element is new. */
    const visit = (element) => {
      const key = keys.get(element);
      const times = (here.get(key) ?? 0) + 1;
      here.set(key, times);
      if (before.has(key) || times > 2) return false;
      const start = include.length;
      const isWhollyNew = [...element.children].map(visit).every(Boolean);
      if (isWhollyNew || element.matches(TARGETS) || /[1-9]/.test(textsOf(element)))
        include.splice(start, include.length, element);
      return isWhollyNew;
    };
    visit(root);
    const part = (selector && root) || document;
    const options = { resultTypes: ["violations"] };
    const rules = Object.fromEntries(LOOKS.map((rule) => [rule, { enabled: false }]));
    const results = [];
    if (include.reduce((sum, element) => sum + whole.get(element).length, 0) > whole.get(root).length / 2) {
      results.push(await axe.run(part, { ...options, runOnly: tags }));
    } else {
      results.push(await axe.run(part, { ...options, runOnly: tags, rules }));
      if (include.length) results.push(await axe.run({ include }, { ...options, runOnly: LOOKS }));
    }
    return results.flatMap(({ violations }) =>
      violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html }) => html.slice(0, 120))]),
    );
  };
  return [...new Set(keys.values())];
};

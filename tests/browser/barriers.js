// What axe finds in the page. ([selector | null, tags]) => the keys of its elements; after that
// findBarriers([keys of what is examined]) => {barriers: [[rule, help, elements]], passed: [keys]}.
//
// The two rules that take most of the time ask only about the looks of an element. They leave out what is examined.
//
// Size of targets: elements with the same markup below the same ancestors in a page with the same style sheets, width
// and preferences, where nothing was wrong, and rows of a list after two that are alike. Texts count by their first
// three characters. So a frame is examined once, and a list of twenty cards by its different cards.
//
// Contrast of texts, which takes most: what axe looks at is the colours, the size and weight of the letters, and what is
// painted below them. A text with the same of all these as one that passed is left out. What is positioned may lie
// over something else, so such texts are left out by their markup and place, as targets are.
([selector, tags]) => {
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

  const PAINT = [
    ..."backgroundColor backgroundImage backgroundClip opacity filter backdropFilter mixBlendMode clipPath maskImage".split(" "),
    "visibility",
  ];
  const LETTERS = "color fontSize fontWeight textShadow webkitTextFillColor webkitTextStrokeWidth display".split(" ");
  const painted = new Map();
  /** What is painted by an element and those it stands in, from the outside; and whether one of them is positioned. */
  const paintOf = (element) => {
    if (!element) return ["", false];
    if (painted.has(element)) return painted.get(element);
    const [outside, isPositioned] = paintOf(element.parentElement);
    const style = getComputedStyle(element);
    const own = PAINT.map((name) => style[name]).join(" ");
    const extra = ["::before", "::after"].map((name) => getComputedStyle(element, name)).filter(
      ({ content, backgroundColor, backgroundImage }) =>
        !["none", "normal"].includes(content) && (backgroundImage !== "none" || !/, 0\)$/.test(backgroundColor)),
    );
    const moves = !["static", "relative"].includes(style.position) || style.transform !== "none" || extra.length > 0;
    // An ancestor that paints nothing of its own looks as if it were not there.
    const paint = /^rgba\(0, 0, 0, 0\) none \S+ 1 none none normal none none visible$/.test(own) ? outside : `${outside}\n${own}`;
    painted.set(element, [paint, isPositioned || moves]);
    return painted.get(element);
  };
  const WRITTEN = "input:not([type=hidden]), select, textarea";
  const hasText = (element) =>
    element.matches(WRITTEN) || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const textKey = (element) => {
    const [paint, isPositioned] = paintOf(element);
    const style = getComputedStyle(element);
    const letters = LETTERS.map((name) => style[name]).join(" ");
    const state = STATES.filter((name) => element.matches(name)).join(" ");
    const kind = element.matches(WRITTEN) ? element.tagName + (element.type ?? "") : "";
    const disabled = element.closest("[disabled], [aria-disabled=true]") ? "disabled" : "";
    return digest(["text", paint, letters, kind, state, disabled, isPositioned ? keys.get(element) : ""].join("\n"));
  };
  /** The texts of the page to look at: three of each key, because the first may be hidden or covered. */
  const newTexts = (before) => {
    const texts = new Map();
    for (const element of [root, ...root.querySelectorAll("*")]) {
      if (!hasText(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
      const key = textKey(element);
      if (before.has(key)) continue;
      if (!texts.has(key)) texts.set(key, []);
      if (texts.get(key).length < 3) texts.get(key).push(element);
    }
    return texts;
  };

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
      if (isWhollyNew || element.matches(TARGETS)) include.splice(start, include.length, element);
      return isWhollyNew;
    };
    visit(root);
    const texts = [...newTexts(before).values()].flat();
    // One run for all rules: each would build its tree and its map of what lies where anew.
    const asked = { "target-size": new Set(include), "color-contrast": new Set(texts) };
    const examinedTexts = new Set();
    const rules = axe._audit.rules.filter(({ id }) => id in asked);
    const originals = rules.map(({ matches }) => matches);
    for (const rule of rules) {
      const { id, matches } = rule;
      rule.matches = (node, ...more) => {
        let at = node;
        while (at && !asked[id].has(at)) at = at.parentElement;
        const isAsked = Boolean(at) && matches.call(rule, node, ...more);
        if (isAsked && id === "color-contrast") examinedTexts.add(node);
        return isAsked;
      };
    }
    const options = {
      resultTypes: ["violations", "incomplete"],
      runOnly: tags,
      rules: { "target-size": { enabled: include.length > 0 }, "color-contrast": { enabled: texts.length > 0 } },
      elementRef: true,
      selectors: false,
    };
    const { violations, incomplete } = await axe
      .run((selector && root) || document, options)
      .finally(() => rules.forEach((rule, at) => (rule.matches = originals[at])));
    for (const { id, nodes } of [...violations, ...incomplete]) {
      if (id === "color-contrast") nodes.forEach(({ element }) => examinedTexts.delete(element));
    }
    const passed = new Set([...examinedTexts].map(textKey));
    const barriers = violations.map(({ id, help, nodes }) => [
      id,
      help,
      nodes.map(({ html }) => html.slice(0, 120)),
    ]);
    return { barriers, passed: [...passed] };
  };
  return [...new Set(keys.values())];
};

// What axe finds in the page, apart from elements that it has examined: ([selector | null, tags, examined]) =>
// {barriers: [rule, help, elements], examined: [numbers]}.
//
// An element is examined if one with the same markup stood below the same ancestors in a page with the same style sheets,
// the same width and the same preferences, and nothing was wrong there; or if two such elements come before it in this
// page, as rows of a list do. Texts count by their first three characters (none, a short one, a longer one), references
// by whether their target is there. So a frame is examined once and a list of twenty cards by its different cards.
async ([selector, tags, examined]) => {
  const PLAIN = new Set(
    (
      "id for href src srcset value name title alt placeholder datetime action content aria-label aria-labelledby " +
      "aria-describedby aria-controls aria-owns aria-activedescendant x y width height d points cx cy r x1 y1 x2 y2 transform viewbox"
    ).split(" "),
  );
  const REFERENCES = new Set(
    "for aria-labelledby aria-describedby aria-controls aria-owns aria-activedescendant".split(" "),
  );
  const STATES = [":checked", ":disabled", ":focus", ":invalid", ":popover-open", ":modal"];
  const MEDIA = [
    "(forced-colors: active)",
    "(prefers-reduced-motion: reduce)",
    "(prefers-contrast: more)",
    "(prefers-color-scheme: dark)",
    "print",
  ];
  const ids = new Map();
  const referring = new Map();
  for (const { id } of document.querySelectorAll("[id]")) ids.set(id, (ids.get(id) ?? 0) + 1);
  for (const name of REFERENCES)
    for (const element of document.querySelectorAll(`[${name}]`))
      for (const id of element.getAttribute(name).split(/\s+/)) referring.set(id, `${referring.get(id) ?? ""} ${name}`);
  const sizeOf = (text) => Math.min(text.trim().length, 3);
  const target = (id) => `${ids.get(id) ?? 0}:${sizeOf(document.getElementById(id)?.textContent ?? "")}`;

  const attribute = ({ name, value }) => {
    if (!PLAIN.has(name) && !(name.startsWith("data-") && /\d/.test(value)) && !name.startsWith("hx-"))
      return `${name}=${value}`;
    if (name === "id") return `id${Math.min(ids.get(value), 2)}${referring.get(value) ?? ""}`;
    if (REFERENCES.has(name)) return `${name} ${value.split(/\s+/).map(target)}`;
    if (name === "href" && value.startsWith("#")) return `href#${ids.get(value.slice(1)) ?? 0}`;
    return name + Math.min(value.trim().length, 1);
  };
  const itself = new Map();
  const whole = new Map();
  const describe = (element) => {
    const texts = [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? sizeOf(node.data) : ""));
    const own = [
      element.tagName,
      ...[...element.attributes].map(attribute).sort(),
      ...STATES.filter((state) => element.matches(state)),
      texts.join(""),
    ].join(" ");
    itself.set(element, own);
    const parts = [...element.children].map(describe);
    const text = `<${own}>${parts.join("")}</>`;
    whole.set(element, text);
    return text;
  };
  const digest = (text) => {
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
    }
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };

  const root = selector ? document.querySelector(selector) : document.documentElement;
  if (!root) throw new Error(`nothing is ${selector}`);
  describe(document.documentElement);
  const before = new Set(examined);
  const here = new Map();
  const exclude = [];
  const visit = (element, above) => {
    const key = digest(`${above}${whole.get(element)}`);
    const times = (here.get(key) ?? 0) + 1;
    here.set(key, times);
    const isFrame = element.parentElement === document.documentElement;
    if (!isFrame && element !== root && (before.has(key) || times > 2) && element.parentElement) {
      exclude.push(element);
      return;
    }
    const context = element.matches("label, fieldset, figure, a, button, summary, [role]") ? whole : itself;
    const below = digest(`${above}${context.get(element)}`);
    for (const child of element.children) visit(child, below);
  };
  const sheets = [...document.styleSheets].map(
    ({ href, ownerNode, disabled }) => `${href ?? ownerNode?.textContent} ${disabled}`,
  );
  const surroundings = [
    innerWidth,
    getComputedStyle(document.documentElement).fontSize,
    ...MEDIA.filter((query) => matchMedia(query).matches),
    ...sheets,
  ];
  const ancestors = [];
  for (let at = root.parentElement; at; at = at.parentElement) ancestors.unshift(itself.get(at));
  visit(root, digest([...surroundings, ...ancestors].join("\n")));

  const { violations } = await axe.run(exclude.length ? { include: [root], exclude } : (selector && root) || document, {
    runOnly: tags,
    resultTypes: ["violations"],
  });
  const barriers = violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html }) => html.slice(0, 120))]);
  return { barriers, examined: barriers.length ? [] : [...here.keys()] };
};

/** Elements without HTML strings: what comes from the API or an article stays text. */

/**
 * Return a new element.
 *
 * @param {string} tag
 * @param {Object<string, *>} [props] attributes by name; `on` maps events to listeners;
 *   `true` gives an empty attribute, `false`, `null` and `undefined` none
 * @param {...(Node|string|null|false|Array)} children nothing is added for null and false
 * @returns {HTMLElement}
 */
export function element(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...present(children));
  return made;
}

/** Put children into an element in place of what it has; nothing for null and false. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== false && child !== undefined);
}

/**
 * Return an address that a link may have, or null: other schemes than these can run a script.
 *
 * @param {?string} url
 * @param {string} base
 * @returns {?string} absolute
 */
export function safeUrl(url, base) {
  if (!url || !URL.canParse(url, base)) return null;
  const parsed = new URL(url, base);
  return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
}

let lastId = 0;

/** Return an id that no other element has. */
export function uniqueId(prefix) {
  lastId += 1;
  return `sop-${prefix}-${lastId}`;
}

/** Return what a `<meta name>` of this page says. */
export function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? null;
}

/**
 * Return a listener that runs an action and ignores further events until it is done.
 *
 * The button keeps the focus, which `disabled` would take away.
 *
 * @param {function(Event): Promise<void>} action
 */
export function once(action) {
  let busy = false;
  return async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = event.submitter ?? event.currentTarget;
    button?.setAttribute("aria-disabled", "true");
    try {
      await action(event);
    } finally {
      busy = false;
      button?.removeAttribute("aria-disabled");
    }
  };
}

/**
 * Return a button that shows and hides a part of the page.
 *
 * @param {string} label
 * @param {HTMLElement} part its first field gets the focus
 * @param {string} [name] for screen readers, where several buttons have the same label
 */
export function unfolding(label, part, name) {
  part.id ||= uniqueId("part");
  const button = element(
    "button",
    { type: "button", class: "sop-button", "aria-label": name, "aria-controls": part.id },
    label,
  );
  button.setAttribute("aria-expanded", String(!part.hidden));
  button.addEventListener("click", () => {
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
    if (!part.hidden) part.querySelector("select, textarea")?.focus();
  });
  return button;
}

// Runs before a page's own scripts: notes what they have react to clicks and keys, and what gets the focus.
(() => {
  const NATIVE = "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, audio[controls], video[controls]";
  const STOPS = `${NATIVE}, [contenteditable]:not([contenteditable=false]), [tabindex]:not([tabindex^="-"])`;
  const POINTED = /^(click|dblclick|mousedown|mouseup|pointerdown|pointerup|touchstart|touchend)$/;
  const pointed = new Set(), add = EventTarget.prototype.addEventListener;
  let takesKeys = false, clicks = 0, seen = [], bare = new Map(), moved = 0, checked;

  // How much of the page moves by itself (Cumulative Layout Shift).
  const shifts = (list) => { for (const each of list) if (!each.hadRecentInput) moved += each.value; };
  const watching = new PerformanceObserver((list) => shifts(list.getEntries()));
  watching.observe({ type: "layout-shift", buffered: true });

  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    const target = this ?? window;
    if (POINTED.test(kind) && target instanceof Element && target.tagName !== "FORM") pointed.add(target);
    if (/^key(down|press)$/.test(kind)) takesKeys = true;
    return add.call(target, kind, ...rest);
  };
  add.call(window, "click", (event) => { clicks += !event.isTrusted; }, true);
  add.call(window, "keyup", (event) => { if (event.key === "Tab") seen.push(look(document.activeElement)); });

  const numbers = new Map();
  const number = (node) => numbers.get(node) ?? (numbers.set(node, numbers.size), numbers.size - 1);
  // The radio buttons of a group are one stop.
  const group = (node) => (node.type === "radio" && node.name ? `${node.form ? number(node.form) : ""} ${node.name}` : "");
  const key = (node) => group(node) || number(node);
  const called = (node) => `<${node.tagName.toLowerCase()}${node.id ? ` id=${node.id}` : ""}${node.name ? ` name=${node.name}` : ""}${node.className ? ` class=${node.className}` : ""}> ${(node.getAttribute("aria-label") || node.innerText || node.value || "").trim().slice(0, 40)}`;

  function isStop(node) {
    if (node.matches(":disabled") || node.closest("[inert]")) return false;
    if (node.tagName === "SUMMARY" && node !== node.parentElement.querySelector(":scope > summary")) return false;
    return node.checkVisibility({ visibilityProperty: true });
  }
  const stops = (within) => [...(within ?? document).querySelectorAll(STOPS)].filter(isStop);

  // What may show that an element has the focus: its own looks, those of what stands for it, or of what holds it.
  const around = (node) => [node, node.nextElementSibling, node.closest("label"), node.parentElement].filter(Boolean);
  function looks(node) {
    const style = getComputedStyle(node);
    const isNone = style.outlineStyle === "none" || style.outlineWidth === "0px" || /^rgba.*, 0\)$/.test(style.outlineColor);
    const outline = isNone ? "" : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
    const borders = ["Top", "Right", "Bottom", "Left"].map((side) => `${style[`border${side}Width`]} ${style[`border${side}Color`]} ${style[`border${side}Style`]}`);
    return [outline, style.boxShadow, ...borders].join("; ");
  }
  const isSeen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  const stays = (node) => { for (let each = node; each; each = each.parentElement) if (/^(fixed|sticky)$/.test(getComputedStyle(each).position)) return each; return null; };
  const belong = (node, top) => node.contains(top) || top.contains(node) || [...(node.labels ?? [])].some((label) => label.contains(top));

  // What is wrong with where the focus is: out of the window, or below what stays in it.
  function hidden(node) {
    const box = [...node.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height)[0];
    if (!box) return "has no place";
    const [width, height] = [document.documentElement.clientWidth, innerHeight];
    if (box.height <= height && (box.top < -1 || box.bottom > height + 1)) return `is at ${Math.round(box.top)} to ${Math.round(box.bottom)} of ${height} px down`;
    if (box.width <= width && (box.left < -1 || box.right > width + 1)) return `is at ${Math.round(box.left)} to ${Math.round(box.right)} of ${width} px across`;
    const [left, right] = [Math.max(0, box.left), Math.min(width, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(height, box.bottom)];
    const inset = (from, to) => Math.min(4, (to - from) / 4);
    const [x, y] = [inset(left, right), inset(top, bottom)];
    const points = [[(left + right) / 2, (top + bottom) / 2], [left + x, top + y], [right - x, top + y], [left + x, bottom - y], [right - x, bottom - y]];
    // What somebody opened lies over other things until they close it.
    const opened = (each) => { const held = each.closest("details[open]"); return held && !held.contains(node); };
    const over = points.map(([across, down]) => document.elementFromPoint(across, down)).filter((each) => each && !belong(node, each) && !opened(each));
    const bar = over.map(stays).find((each) => each && !each.contains(node));
    if (bar) return `is below ${called(bar)}`;
    return over.length === points.length ? `is below ${called(over[0])}` : "";
  }

  function look(node) {
    if (!node || node === document.body || node === document.documentElement) return { key: "", name: "(the page's end)", wrong: "" };
    const before = bare.get(number(node)) ?? [];
    const marked = around(node).some((each, place) => looks(each) !== before[place] && isSeen(each));
    return { key: key(node), name: called(node), wrong: marked ? hidden(node) : "isn't marked" };
  }

  // Everything that Tab has to reach, in order; how each looks without the focus is remembered.
  function expected(within) {
    const held = document.activeElement;
    held?.blur?.();
    bare = new Map();
    const every = stops(document.querySelector(within));
    for (const node of every) bare.set(number(node), around(node).map(looks));
    const found = new Map(every.map((node) => [key(node), called(node)]));
    const inner = every.filter((node) => /^(date|time|month|week|datetime-local)$/.test(node.type)).length;
    return { stops: [...found], more: 4 * inner };
  }

  // What can be pressed by a mouse and by nothing else.
  function unreachable() {
    const isPressed = (node) => pointed.has(node) || getComputedStyle(node).cursor === "pointer" || /^(button|link|checkbox|radio|switch|tab|menuitem|option)$/.test(node.getAttribute("role") ?? "");
    const reached = (node) => node.closest(`${NATIVE}, label`) || isPressed(node.closest('[tabindex]:not([tabindex^="-"])') ?? document.body);
    const pressed = [...document.querySelectorAll("body *")].filter((node) => !node.closest("svg") && isSeen(node) && isPressed(node));
    return pressed.filter((node) => !reached(node)).map(called);
  }

  window.keyboard = {
    expected, unreachable,
    seen: () => { const all = seen; seen = []; return all; },
    moved: () => { shifts(watching.takeRecords()); return moved; },
    takesKeys: () => takesKeys,
    clicks: () => clicks,
    // How many buttons each group of radio buttons has; and the focus on the first one of a group.
    groups: (within) => Object.entries(Object.groupBy(stops(document.querySelector(within)).filter(group), group)).map(([name, all]) => [name, all.length]),
    focusGroup: (name) => {
      const every = stops(document).filter((node) => group(node) === name);
      checked = every.find((node) => node.checked);
      every[0].focus();
    },
    // As it was chosen before.
    leaveGroup: () => { const now = document.activeElement; (checked ?? now).checked = Boolean(checked); },
    at: () => number(document.activeElement),
    isIn: (within) => Boolean(document.activeElement?.closest(within)),
  };
})();

// Describes the page as plain objects and patches the live DOM to match, so focus, scroll and half-typed text survive.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle"]);
const PROPERTIES = new Set(["value", "checked", "selected", "disabled", "hidden", "inert", "indeterminate"]);
const NONE = {};

/** A node description. Children may be nested arrays, strings, numbers, null or false. `key` keeps identity among siblings. */
export function h(tag, props, ...children) {
  const { key, mounted, ...rest } = props ?? NONE;
  return { tag, key, mounted, props: rest, children: children.flat(Infinity).filter(isShown).map(asNode) };
}

/** Makes `root`'s children match `nodes`; listeners, focus and typed text of kept elements stay. */
export function patch(root, nodes) {
  const wanted = [nodes].flat(Infinity).filter(isShown).map(asNode);
  const mounted = [];
  // What the page itself held, such as "Opening the workspace...", goes with the first drawing.
  if (root.described === undefined) root.replaceChildren();
  patchChildren(root, root.described ?? [], wanted, mounted);
  root.described = wanted;
  for (const [element, hook] of mounted) hook(element);
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false && child !== true && child !== "";
}

function asNode(child) {
  return typeof child === "object" ? child : { text: String(child) };
}

// A node's name among its siblings: its key, else its place among those of its kind, so what comes and goes beside it does not matter.
function identities(nodes) {
  const counts = new Map();
  return nodes.map((node) => {
    const name = node.key === undefined ? (node.tag ?? "#text") : `${node.tag}@${node.key}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return `${name}#${counts.get(name)}`;
  });
}

function patchChildren(parent, before, after, mounted) {
  const oldNames = identities(before);
  const newNames = identities(after);
  const known = new Map(before.map((node, index) => [oldNames[index], node]));
  const pairs = after.map((node, index) => {
    const old = known.get(newNames[index]);
    known.delete(newNames[index]);
    return [node, old];
  });
  for (const gone of known.values()) gone.element.remove();
  let cursor = parent.firstChild;
  for (const [node, old] of pairs) {
    if (old === undefined) parent.insertBefore(create(node, mounted), cursor);
    else {
      update(node, old, mounted);
      if (node.element === cursor) cursor = cursor.nextSibling;
      else parent.insertBefore(node.element, cursor);
    }
  }
}

function create(node, mounted) {
  if (node.text !== undefined) {
    node.element = document.createTextNode(node.text);
    return node.element;
  }
  node.element = SVG_TAGS.has(node.tag) ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  patchChildren(node.element, [], node.children, mounted);
  setProps(node.element, NONE, node.props);
  if (node.mounted) mounted.push([node.element, node.mounted]);
  return node.element;
}

function update(node, old, mounted) {
  node.element = old.element;
  if (node.text !== undefined) {
    if (node.text !== old.text) node.element.data = node.text;
    return;
  }
  patchChildren(node.element, old.children, node.children, mounted);
  setProps(node.element, old.props, node.props);
}

function setProps(element, before, after) {
  for (const name of Object.keys(before)) if (!(name in after)) setProp(element, name, before[name], undefined);
  for (const name of Object.keys(after)) setProp(element, name, before[name], after[name]);
}

// Properties are compared with the element itself: people change them, and every input event is stored before the next patch.
function setProp(element, name, before, after) {
  if (name.startsWith("on")) element[name] = after ?? null;
  else if (name === "style") setStyle(element, before ?? NONE, after ?? NONE);
  else if (PROPERTIES.has(name)) setProperty(element, name, after ?? (name === "value" ? "" : false));
  else if (before === after) return;
  else if (after === undefined || after === null || after === false) element.removeAttribute(name);
  else element.setAttribute(name, after === true ? "" : String(after));
}

function setProperty(element, name, wanted) {
  if (element[name] !== wanted) element[name] = wanted;
}

function setStyle(element, before, after) {
  for (const name of Object.keys(before)) if (!(name in after)) element.style.removeProperty(name);
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) element.style.setProperty(name, value);
}

// What people type and what Slack carries: names become mention tokens, signs are escaped, and back again.

/** A typed message as Slack carries it: `&`, `<`, `>` escaped, @names and #channels as tokens. Commands are sent as typed. */
export function encode(text, state) {
  const people = [...state.people, ...state.bots];
  const escaped = text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
  return escaped
    .replace(/(?<![\w@])@([\w.-]*\w)/g, (whole, name) => {
      if (["here", "channel", "everyone"].includes(name)) return `<!${name}>`;
      const found = people.find((person) => person.name.toLowerCase() === name.toLowerCase());
      return found ? `<@${found.id}>` : whole;
    })
    .replace(/(?<![\w#&])#([a-z0-9_-]+)/g, (whole, name) => {
      const found = state.channels.find((channel) => !channel.is_im && channel.name === name);
      return found ? `<#${found.id}|${found.name}>` : whole;
    });
}

/** A message's text as its author typed it, for editing. */
export function decode(text, state) {
  const people = [...state.people, ...state.bots];
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id) => `@${people.find((person) => person.id === id)?.name ?? id}`)
    .replace(
      /<#(\w+)(?:\|([^>]*))?>/g,
      (whole, id, name) => `#${state.channels.find((channel) => channel.id === id)?.name ?? name ?? id}`,
    )
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<((?:https?|mailto):[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** What could be meant at the caret: [{insert, label, hint}], replacing the text from `from` to the caret. */
export function suggestions(text, caret, state, inThread) {
  const before = text.slice(0, caret);
  if (before.startsWith("/") && !inThread && !before.includes("\n"))
    return { from: 0, items: commandItems(before, state) };
  const name = /(?:^|\s)@([\w.-]*)$/.exec(before);
  if (name) return { from: caret - name[1].length - 1, items: personItems(name[1].toLowerCase(), state) };
  return { from: caret, items: [] };
}

export function typedText(element) {
  return (
    element.tagName === "TEXTAREA" ||
    (element.tagName === "INPUT" && !["checkbox", "radio", "button"].includes(element.type))
  );
}

// "/inc" offers commands; "/incident " offers the words of its usage hint.
function commandItems(before, state) {
  const [command, ...rest] = before.split(" ");
  if (!rest.length) {
    return state.commands
      .filter((known) => known.command.startsWith(command))
      .map((known) => ({
        insert: `${known.command} `,
        label: known.command,
        hint: [known.description, known.usage_hint].filter(Boolean).join(" "),
      }));
  }
  const known = state.commands.find((one) => one.command === command);
  if (!known || rest.length > 1) return [];
  return (known.usage_hint?.match(/[a-z][\w-]*/gi) ?? [])
    .filter((word) => word.startsWith(rest[0]) && word !== rest[0])
    .map((word) => ({ insert: `${command} ${word} `, label: `${command} ${word}`, hint: "" }));
}

function personItems(typed, state) {
  return [...state.bots, ...state.people]
    .filter((person) => !person.deleted)
    .filter((person) => person.name.toLowerCase().startsWith(typed) || person.real_name.toLowerCase().includes(typed))
    .slice(0, 6)
    .map((person) => ({
      insert: `@${person.name} `,
      label: person.real_name,
      hint: `@${person.name}${person.is_bot ? " · app" : person.role ? ` · ${person.role}` : ""}`,
    }));
}

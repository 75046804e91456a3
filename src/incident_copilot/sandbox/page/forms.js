// What people have typed or chosen and not yet sent, in the shape of Slack's `view.state.values`.

const held = new Map();

const INITIAL = {
  static_select: (element) => ({ selected_option: element.initial_option ?? null }),
  external_select: (element) => ({ selected_option: element.initial_option ?? null }),
  radio_buttons: (element) => ({ selected_option: element.initial_option ?? null }),
  multi_static_select: (element) => ({ selected_options: element.initial_options ?? [] }),
  multi_external_select: (element) => ({ selected_options: element.initial_options ?? [] }),
  checkboxes: (element) => ({ selected_options: element.initial_options ?? [] }),
  users_select: (element) => ({ selected_user: element.initial_user ?? null }),
  multi_users_select: (element) => ({ selected_users: element.initial_users ?? [] }),
  channels_select: (element) => ({ selected_channel: element.initial_channel ?? null }),
  multi_channels_select: (element) => ({ selected_channels: element.initial_channels ?? [] }),
  conversations_select: (element) => ({ selected_conversation: element.initial_conversation ?? null }),
  multi_conversations_select: (element) => ({ selected_conversations: element.initial_conversations ?? [] }),
  datepicker: (element) => ({ selected_date: element.initial_date ?? null }),
  timepicker: (element) => ({ selected_time: element.initial_time ?? null }),
  datetimepicker: (element) => ({ selected_date_time: element.initial_date_time ?? null }),
  plain_text_input: (element) => ({ value: element.initial_value ?? null }),
  email_text_input: (element) => ({ value: element.initial_value ?? null }),
  url_text_input: (element) => ({ value: element.initial_value ?? null }),
  number_input: (element) => ({ value: element.initial_value ?? null }),
};

/** What this element holds now: what a person chose, else its initial value. */
export function stateOf({ element, block, place }) {
  return held.get(nameOf(place, block, element)) ?? INITIAL[element.type]?.(element) ?? {};
}

export function keep({ element, block, place }, state) {
  held.set(nameOf(place, block, element), state);
}

/** Every stateful element of `blocks`: {block_id: {action_id: {type, ...state}}}, as view_submission sends it. */
export function valuesOf(blocks, place) {
  const values = {};
  for (const block of blocks) {
    for (const element of [block.element, block.accessory, ...(block.elements ?? [])]) {
      if (!element?.action_id || !INITIAL[element.type]) continue;
      (values[block.block_id] ??= {})[element.action_id] = {
        type: element.type,
        ...stateOf({ element, block, place }),
      };
    }
  }
  return values;
}

/** Forgets what was typed into a view that is gone. */
export function forget(place) {
  const prefix = `${placeName(place)} `;
  for (const name of held.keys()) if (name.startsWith(prefix)) held.delete(name);
}

export function placeName(place) {
  return place.view_id ?? `${place.channel}/${place.ts}`;
}

function nameOf(place, block, element) {
  return `${placeName(place)} ${block.block_id}/${element.action_id}`;
}

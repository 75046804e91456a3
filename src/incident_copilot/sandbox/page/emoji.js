// Emoji by Slack's names: the ones incident teams and bots use.

const NAMES = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|no_entry ⛔
no_entry_sign 🚫|warning ⚠️|rotating_light 🚨|fire 🔥|boom 💥|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|pushpin 📌
round_pushpin 📍|eyes 👀|mag 🔍|mag_right 🔎|bulb 💡|memo 📝|pencil ✏️|pencil2 ✏️|clipboard 📋|page_facing_up 📄|book 📖|books 📚
link 🔗|lock 🔒|unlock 🔓|key 🔑|shield 🛡️|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|gear ⚙️|toolbox 🧰|package 📦|rocket 🚀
ship 🚢|rewind ⏪|arrows_counterclockwise 🔄|leftwards_arrow_with_hook ↩️|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️
arrow_upper_right ↗️|arrow_lower_right ↘️|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|stopwatch ⏱️
timer_clock ⏲️|hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|clock1 🕐|calendar 📅|date 📅|spiral_calendar_pad 🗓️
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣
white_circle ⚪|black_circle ⚫|large_brown_circle 🟤|red_square 🟥|large_red_square 🟥|large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩
large_blue_square 🟦|white_large_square ⬜|black_large_square ⬛|small_red_triangle 🔺|small_red_triangle_down 🔻
large_blue_diamond 🔷|large_orange_diamond 🔶|question ❓|grey_question ❔|exclamation ❗|bangbang ‼️|information_source ℹ️
speech_balloon 💬|thought_balloon 💭|email 📧|envelope ✉️|telephone_receiver 📞|pager 📟|robot_face 🤖|computer 💻|desktop_computer 🖥️
floppy_disk 💾|file_cabinet 🗄️|file_folder 📁|card_index_dividers 🗂️|wastebasket 🗑️|globe_with_meridians 🌐|satellite_antenna 📡
electric_plug 🔌|battery 🔋|zap ⚡|cloud ☁️|sunny ☀️|snowflake ❄️|umbrella ☂️|rainbow 🌈|seedling 🌱|herb 🌿|leaves 🍃|fallen_leaf 🍂|fish 🐟|herring 🐟
bug 🐛|ladybug 🐞|turtle 🐢|snail 🐌|test_tube 🧪|microscope 🔬|dna 🧬|stethoscope 🩺|adhesive_bandage 🩹|ambulance 🚑|hospital 🏥
fire_engine 🚒|fire_extinguisher 🧯|construction 🚧|stop_sign 🛑|octagonal_sign 🛑|traffic_light 🚦|vertical_traffic_light 🚦
checkered_flag 🏁|triangular_flag_on_post 🚩|white_flag 🏳️|crown 👑|medal 🏅|trophy 🏆|star ⭐|star2 🌟|sparkles ✨|tada 🎉|confetti_ball 🎊
pray 🙏|raised_hands 🙌|clap 👏|wave 👋|muscle 💪|point_right 👉|point_up ☝️|raised_hand ✋|ok_hand 👌|handshake 🤝|writing_hand ✍️
smile 😄|slightly_smiling_face 🙂|grinning 😀|joy 😂|sweat_smile 😅|thinking_face 🤔|face_with_monocle 🧐|sob 😭|scream 😱
sunglasses 😎|sleeping 😴|zzz 💤|heart ❤️|green_heart 💚|blue_heart 💙|broken_heart 💔|hundred 💯|100 💯|coffee ☕|beer 🍺|pizza 🍕|cake 🍰
bust_in_silhouette 👤|busts_in_silhouette 👥|male-firefighter 👨‍🚒|female-firefighter 👩‍🚒|technologist 🧑‍💻|detective 🕵️|sleuth_or_spy 🕵️
credit_card 💳|moneybag 💰|money_with_wings 💸|shopping_trolley 🛒|gift 🎁|label 🏷️|bookmark 🔖|bookmark_tabs 📑|paperclip 📎|scroll 📜|newspaper 📰
game_die 🎲|dart 🎯|compass 🧭|world_map 🗺️|bricks 🧱|magnet 🧲|crystal_ball 🔮|brain 🧠|ghost 👻|skull 💀|dizzy 💫|infinity ♾️
repeat 🔁|recycle ♻️|new 🆕|up 🆙|sos 🆘|ok 🆗|cool 🆒|free 🆓|id 🆔|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟`;

const SYMBOLS = new Map(
  NAMES.split(/[|\n]/)
    .filter(Boolean)
    .map((entry) => entry.split(" ")),
);

/** The picker's first choice: what people react with in an incident. */
export const COMMON = [
  "eyes",
  "white_check_mark",
  "pushpin",
  "+1",
  "-1",
  "fire",
  "rotating_light",
  "tada",
  "pray",
  "thinking_face",
  "raised_hands",
  "rocket",
  "bug",
  "mag",
  "hourglass_flowing_sand",
  "no_entry",
  "heart",
  "wave",
];

/** The symbol for a name (skin tones ignored), or null. */
export function symbol(name) {
  return SYMBOLS.get(name.split("::")[0]) ?? null;
}

/** Names that contain `typed`, at most `limit`. */
export function matching(typed, limit) {
  const wanted = typed.trim().replaceAll(":", "").toLowerCase();
  if (!wanted) return COMMON.slice(0, limit);
  return [...SYMBOLS.keys()].filter((name) => name.includes(wanted)).slice(0, limit);
}

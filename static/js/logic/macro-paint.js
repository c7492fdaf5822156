// The macro language as far as colours go: which stretches of a prompt are groups, their marks, wildcards, variables.
// Mirrors app/prompts/syntax.py; the server's count and errors are the truth, this only paints while one types.
const TOKEN =
  /(?<escape>\\[{}|_$#])|(?<comment>^[ \t]*#(?!(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})(?!\w))[^\n]*)|(?<open>\$?\{)|(?<close>\})|(?<bar>\|)|(?<bracket>[[\]])|(?<wildcard>(?<!\w)__[A-Za-z0-9*][A-Za-z0-9_/*.-]{0,199}?(?:\([^()\n]{0,200}\))?__(?!\w))/gm;
const HEADER = /^\s*(?:\d+(?:-\d*)?|-\d+)\$\$(?:(?:\\[^\n]|[^\\{}|$])*\$\$)?/;

/**
 * Cut a prompt into stretches { text, kind, depth } that joined give the prompt again.
 * kind: "prose" | "mark" (brace, bar, header) | "option" | "wildcard" | "comment" | "open" (a group never closed).
 * depth: how many groups the stretch stands in; 0 outside.
 */
export function paint(prompt) {
  const marks = findMarks(prompt).sort((a, b) => a.start - b.start);
  const stretches = [];
  let position = 0;
  let depth = 0;
  const push = (end, kind, level) => {
    if (end > position) stretches.push({ text: prompt.slice(position, end), kind, depth: level });
    position = Math.max(position, end);
  };
  for (const mark of marks) {
    push(mark.start, depth ? "option" : "prose", depth);
    if (mark.enters) depth += 1;
    push(mark.end, mark.kind, depth);
    if (mark.leaves) depth -= 1;
  }
  push(prompt.length, depth ? "option" : "prose", depth);
  return stretches;
}

/** The numbers of options of the plain top-level groups, for "3 × 2 = 6"; empty when a group is not plain. */
export function factors(prompt) {
  const sizes = [];
  let bars = 0;
  for (const { text, kind, depth } of paint(prompt)) {
    if (kind === "wildcard" || depth > 1 || (kind === "mark" && /\$/.test(text))) return [];
    if (kind !== "mark") continue;
    if (text === "|") bars += 1;
    if (text === "}") {
      sizes.push(bars + 1);
      bars = 0;
    }
  }
  return sizes;
}

function findMarks(prompt) {
  const marks = [];
  const stack = [];
  for (const match of prompt.matchAll(TOKEN)) {
    const { groups, index: start } = match;
    const end = start + match[0].length;
    const top = stack.at(-1);
    if (groups.comment) marks.push({ start, end, kind: "comment" });
    else if (groups.wildcard) marks.push({ start, end, kind: "wildcard" });
    else if (groups.open) stack.push(opening(prompt, start, end));
    else if (groups.bracket === "[") stack.push({ bracket: true, start, bars: [] });
    else if (groups.bracket) closeBracket(stack);
    else if (groups.bar) top?.bars.push(start);
    else if (groups.close) closeGroup(stack, start, marks);
  }
  for (const frame of stack) {
    if (!frame.bracket && frame.isMacro()) marks.push({ start: frame.start, end: frame.end, kind: "open" });
  }
  return marks;
}

function opening(prompt, start, end) {
  const header = HEADER.exec(prompt.slice(end))?.[0] ?? "";
  const bars = [];
  const variable = prompt[start] === "$";
  return { start, end: end + header.length, bars, isMacro: () => variable || header !== "" || bars.length > 0 };
}

// A bar inside a closed bracket divides nothing; an unclosed bracket is prose and gives its bars back.
function closeBracket(stack) {
  if (stack.at(-1)?.bracket) stack.pop();
}

function closeGroup(stack, at, marks) {
  const loose = [];
  while (stack.at(-1)?.bracket) loose.push(...stack.pop().bars);
  const frame = stack.pop();
  if (!frame) return;
  frame.bars.push(...loose);
  if (!frame.isMacro()) return;
  marks.push({ start: frame.start, end: frame.end, kind: "mark", enters: true });
  for (const bar of frame.bars) marks.push({ start: bar, end: bar + 1, kind: "mark" });
  marks.push({ start: at, end: at + 1, kind: "mark", leaves: true });
}

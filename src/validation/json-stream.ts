/** A part of a text: from `start` up to, not including, `end`. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
}

/**
 * The JSON objects of a text that holds several one after the other, as kubectl and `jq` print them; undefined for any
 * other text. `---` between them is accepted.
 */
export function jsonStream(text: string): readonly TextPart[] | undefined {
  const parts: TextPart[] = [];
  for (let at = skipBetween(text, 0); at < text.length; at = skipBetween(text, at)) {
    const end = endOfObject(text, at);
    if (end === undefined || !isJson(text.slice(at, end))) return undefined;
    parts.push({ start: at, end });
    at = end;
  }
  return parts.length > 1 ? parts : undefined;
}

const WHITESPACE = ' \t\r\n\uFEFF';

/** The position after whitespace and separators of documents. */
function skipBetween(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (WHITESPACE.includes(text[at]!)) at++;
    else if (text.startsWith('---', at) && (at === 0 || text[at - 1] === '\n')) at += 3;
    else break;
  }
  return at;
}

/** Where the object ends that begins at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  if (text[start] !== '{') return undefined;
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

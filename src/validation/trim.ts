/**
 * The text without a character that is repeated at its end. A regular expression such as `/x+$/` does the same in
 * quadratic time: it tries to match at every position of every run of `x`.
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

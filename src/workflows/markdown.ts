import { shortDuration } from '../validation/duration.ts';

/** Texts for Temporal's UI, which renders GitHub-flavoured markdown: links, images and HTML included. */

/**
 * The lines of a panel. The UI makes a panel as high as its text without margins, so that the last row would be cut off:
 * an invisible paragraph at the end takes that place. The UI shows an entity such as `&nbsp;` as text.
 */
export const panel = (lines: readonly string[]): string => [...lines, '', '\u200b'].join('\n');

/** A time without fractions of a second: what Kubernetes reports has none, and would seem to be earlier. */
export const time = (rfc3339: string): string => rfc3339.replace(/\.\d+Z$/, 'Z');

/** Between two times. */
export const took = (from: string, to: string): string => shortDuration(Date.parse(to) - Date.parse(from));

/** One line that cannot break out of its table cell. For our own words: links and images in it would be rendered. */
export function cell(text: string, limit: number): string {
  return shortened(text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'"), limit);
}

/**
 * The same as code, in which nothing is rendered: for the words of a driver, of a cluster, or of a user's workflow, who
 * may write a link or an image that the UI would load. Empty for an empty text.
 */
export function code(text: string, limit: number): string {
  const line = cell(text, limit).trim();
  return line === '' ? '' : `\`${line}\``;
}

/** Of words of 29 characters and more, the longest that fit at 1024 pixels: after a mark, or else after 28 characters. */
const WRAPS = /(?=[^ ]{29})[^ ]{8,27}[._/:,-](?=[^ ]{2})|[^ ]{27}(?:\\\||[^ ])(?=[^ ]{2})/gu;

/**
 * `code` of a message, whose long words can wrap: the UI wraps code at blanks only, and makes a panel wider than its
 * place. Not for what people copy: an invisible character stands where they may wrap.
 */
export function wrappingCode(text: string, limit: number): string {
  return code(text, limit).replaceAll(WRAPS, '$&`\u200b`');
}

/** Cut so that no escape is left half. */
function shortened(line: string, limit: number): string {
  return line.length <= limit ? line : `${line.slice(0, limit - 1).replace(/\\$/, '')}…`;
}

/** Texts for Temporal's UI, which renders GitHub-flavoured markdown: links, images and HTML included. */

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

/** Cut so that no escape is left half. */
function shortened(line: string, limit: number): string {
  return line.length <= limit ? line : `${line.slice(0, limit - 1).replace(/\\$/, '')}…`;
}
